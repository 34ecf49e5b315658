//! Options of a heap.

/// Sizes in bytes.
#[derive(Clone, Debug)]
pub struct HeapConfig {
    /// `-Xmx`: bytes that objects may take.
    pub max: usize,
    /// The heap does not shrink below it.
    pub initial: usize,
    /// Live bytes at which the first full collection runs: `-Xms`, if that is given and larger.
    pub first_full: usize,
    /// `-Xmn`: fixed allocation between two minor collections; by default it adapts.
    pub young: Option<usize>,
    /// `-XX:SoftRefLRUPolicyMSPerMB`.
    pub soft_ref_ms_per_mb: u64,
    /// Collect at every Nth allocation, minor and full in turn; 0 switches it off.
    pub stress_interval: u32,
    /// Fail the allocation of this number, counted from the first, as if no memory were left; 0 fails none.
    pub out_of_memory_at: u64,
    /// Fill freed memory with a pattern, so that use after free shows.
    pub zap: bool,
    /// Verify the whole heap before and after every collection; the first fault panics.
    pub verify: bool,
    /// Give free memory back to the system after full collections.
    pub give_back: bool,
    /// `-XX:+UseGCOverheadLimit`: fail when nearly all time goes into collections that free next to nothing.
    pub overhead_limit: bool,
    /// Move objects to keep memory dense; see [`crate::Host`] for what it asks of the virtual machine. Without
    /// it sparse survivors can hold several times their size.
    pub moving: bool,
    /// Bytes of the mark stack; 0 derives it from `max`.
    pub mark_stack: usize,
}

impl Default for HeapConfig {
    fn default() -> HeapConfig {
        HeapConfig {
            max: 256 << 20,
            initial: 8 << 20,
            first_full: 32 << 20,
            young: None,
            soft_ref_ms_per_mb: 1000,
            stress_interval: 0,
            out_of_memory_at: 0,
            zap: false,
            verify: false,
            give_back: true,
            overhead_limit: false,
            moving: true,
            mark_stack: 0,
        }
    }
}
