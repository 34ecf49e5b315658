//! Heap sizes: checks of those given, and a choice from the machine's memory of the others.

use crate::{CreateError, memory};
use caturra_kernel::runtime::flags::{Flag, FlagOrigin, FlagValue};
use caturra_kernel::runtime::options::Options;

/// What fits below 32 GiB, as far as narrow references reach (DESIGN.md §3), with room for fragmentation.
const LARGEST: usize = 27 << 30;
const LEAST_MAX: usize = 2 << 20;
const LEAST_INITIAL: usize = 1 << 20;
/// All collectors of HotSpot count their heaps in this unit, and `Runtime.maxMemory` shows it.
const ALIGNMENT: usize = 2 << 20;
/// On machines with less than twice this, a larger share goes to the heap.
const SMALL_HEAP: f64 = 120.0 * (1 << 20) as f64;

/// Completes `-Xmx` and `-Xms`.
pub(super) fn choose_sizes(o: &mut Options) -> Result<(), CreateError> {
    let failed = |text: &str| Err(CreateError::Failed(text.into()));
    let given = |o: &Options, name: &str| o.flags.origin(name) != FlagOrigin::Default;
    let number = |o: &Options, name: &str| Flag::find(name).map_or(0.0, |f| f.value(o).as_f64());
    // `-Xms0` and `-XX:MaxHeapSize=0` leave the choice to the VM.
    let max_given = given(o, "MaxHeapSize") && o.heap.max > 0;
    let initial_given = given(o, "InitialHeapSize") && o.heap.initial > 0;
    if max_given && o.heap.max < LEAST_MAX {
        return failed("Too small maximum heap");
    }
    if initial_given && o.heap.initial < LEAST_INITIAL {
        return failed("Too small initial heap");
    }
    if max_given && initial_given && o.heap.initial > o.heap.max {
        return failed("Initial heap size set to a larger value than the maximum heap size");
    }

    let memory = (memory::physical(o.use_container_support) as f64).min(number(o, "MaxRAM"));
    // The older fractions hold where no percentage is given.
    let share = |o: &Options, percentage: &str, fraction: &str| {
        if !given(o, percentage) && given(o, fraction) {
            1.0 / number(o, fraction).max(1.0)
        } else {
            number(o, percentage) / 100.0
        }
    };
    if !max_given {
        let small = memory * share(o, "MinRAMPercentage", "MinRAMFraction");
        let usual = memory * share(o, "MaxRAMPercentage", "MaxRAMFraction");
        let max = if small < SMALL_HEAP { small } else { usual.max(SMALL_HEAP) } as usize;
        let max = if initial_given { max.max(o.heap.initial) } else { max };
        set(o, "MaxHeapSize", max.clamp(LEAST_MAX, LARGEST));
    } else if o.heap.max > LARGEST {
        o.warning(&format!(
            "the maximum heap size is reduced to {}g, as far as narrow references reach",
            LARGEST >> 30
        ));
        o.heap.max = LARGEST;
        o.heap.initial = o.heap.initial.min(LARGEST);
    }
    o.heap.max = o.heap.max.next_multiple_of(ALIGNMENT);
    if initial_given {
        o.heap.first_full = o.heap.first_full.max(o.heap.initial);
    } else {
        let initial = (memory * share(o, "InitialRAMPercentage", "InitialRAMFraction")) as usize;
        let initial = initial.clamp(LEAST_INITIAL.min(o.heap.max), o.heap.max);
        set(o, "InitialHeapSize", initial);
    }
    Ok(())
}

fn set(o: &mut Options, name: &str, size: usize) {
    let flag = Flag::find(name).expect("a flag of the table");
    flag.set_ergonomic(o, FlagValue::Uint(size as u64));
}
