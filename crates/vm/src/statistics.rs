//! `-XX:+PrintStringTableStatistics`.

use caturra_kernel::Vm;
use std::fmt::Write;

/// Size of an entry: a reference or address with its part of the table.
const ENTRY: usize = 16;

/// The sizes of the tables of symbols and of interned strings, as printed at the end.
pub(crate) fn tables(vm: &Vm) -> String {
    let mut out = String::new();
    for (name, entries) in [("SymbolTable", vm.symbols.len()), ("StringTable", vm.strings.len())] {
        // The tables grow by doubling and are at most seven eighths full.
        let buckets = (entries * 8 / 7).next_power_of_two();
        let _infallible = write!(
            out,
            "{name} statistics:\n\
             Number of buckets       : {buckets:9} = {:9} bytes, each {ENTRY}\n\
             Number of entries       : {entries:9} = {:9} bytes, each {ENTRY}\n\
             Total footprint         : {:9} = {:9} bytes\n",
            buckets * ENTRY,
            entries * ENTRY,
            "",
            buckets * ENTRY
        );
    }
    out
}
