//! What `-XX:+PrintFlagsFinal` and its like print, in the columns that tools parse.

pub(super) use caturra_exports::management::flags::listing as flags;
use caturra_exports::properties::{VM_NAME, VM_VERSION};
use caturra_kernel::runtime::flags::{Flag, FlagOrigin, FlagType, all};
use caturra_kernel::runtime::options::Options;

/// `-XX:+PrintFlagsRanges`.
pub(super) fn ranges(o: &Options) -> String {
    let mut text = String::from("[Global flags ranges]\n");
    for flag in all().filter(|f| f.ty != FlagType::bool && !f.ty.is_text()) {
        let range = match flag.range_text() {
            Some((low, high)) => format!("[ {low:<25} ... {high:>25} ]"),
            None => format!("[ {:<25} ... {:>25} ]", "", ""),
        };
        let class = format!("{{{}}}", flag.class.name());
        let origin = o.flags.origin(flag.name).name();
        text.push_str(&format!(
            "{:>9} {:<50} {range:<60} {class:>35} {{{origin}}}\n",
            flag.ty.name(),
            flag.name
        ));
    }
    text
}

/// `-XX:+PrintCommandLineFlags`: the flags that differ from the defaults, as one could give them.
pub(super) fn command_line_flags(o: &Options) -> String {
    let set = all().filter(|f| o.flags.origin(f.name) != FlagOrigin::Default && f.name != "JavaHome");
    set.map(|f: &Flag| format!("{} ", f.setting(o))).collect()
}

/// `-Xinternalversion`.
pub(super) fn internal_version(o: &Options) -> String {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        other => other,
    };
    format!("{VM_NAME} ({VM_VERSION}) for {}-{arch} JRE ({})", std::env::consts::OS, o.runtime_version)
}
