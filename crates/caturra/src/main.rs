//! The `caturra` command; see `caturra::command`.

#[cfg(executable_library)]
mod entry;

fn main() -> std::process::ExitCode {
    caturra::command::main()
}
