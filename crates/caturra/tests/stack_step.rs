//! `caturra stack step` in a real terminal: its keys, and that the terminal comes back in every case.

mod common;

use caturra_stack::terminal::Screen;
use common::Scratch;
use common::tmux::Tmux;
use std::process::Command;

const CATURRA: &str = env!("CARGO_BIN_EXE_caturra");
const FACTORIAL: &str = "\
input n = 4;
fn fact(n) {
    if n < 2 { return 1; }
    n * fact(n - 1)
}
print n;
fact(n)
";

/// A shell with the stepper about to start on the program.
fn shell(name: &str) -> Option<(Scratch, Tmux)> {
    let scratch = Scratch::new(name);
    scratch.write("fact.bean", FACTORIAL);
    let tmux = Tmux::start(name, 100, 30, &scratch.0)?;
    Some((scratch, tmux))
}

/// The shell is there again, with its screen, and the terminal echoes and edits lines.
fn check_restored(tmux: &Tmux, status: &str) {
    tmux.wait_for(&format!("status {status}"));
    check_modes(tmux);
}

fn check_modes(tmux: &Tmux) {
    assert!(!tmux.is_alternate());
    tmux.line("stty -a | tr ' ' '\\n' | grep -c -x -e icanon -e echo -e isig -e opost | sed 's/^/modes /'");
    tmux.wait_for("modes 4");
}

#[test]
fn a_session() {
    let Some((_scratch, tmux)) = shell("session") else { return };
    tmux.line(&format!("{CATURRA} stack step fact.bean n=3; echo status $?"));
    let screen = tmux.wait_for("step 0");
    assert!(tmux.is_alternate());
    for part in ["fact.bean", "fact (1 argument)", "n * fact(n - 1)", "n = 3", "main at 0", "Operands"] {
        assert!(screen.contains(part), "{part} in\n{screen}");
    }
    // Step, and step over the call.
    tmux.keys(&["s", "s", "s"]);
    tmux.wait_for("step 3");
    tmux.keys(&["n"]);
    let screen = tmux.wait_for("step 32");
    assert!(screen.contains("│6 "), "the result is on the stack:\n{screen}");
    // Back into the call, out of it again.
    tmux.keys(&["p"]);
    tmux.wait_for("fact(3) at ");
    tmux.keys(&["p", "p", "p"]);
    let screen = tmux.wait_for("fact(2) at ");
    assert!(screen.contains("fact(3) at "), "{screen}");
    tmux.keys(&["o"]);
    let screen = tmux.wait_for("step 30");
    assert!(!screen.contains("fact(2) at "), "{screen}");
    // From the beginning to a breakpoint at the cursor, twice; then without it to the end.
    tmux.keys(&["g"]);
    tmux.wait_for("at the beginning");
    tmux.keys(&["Down", "Down", "Down", "Down", "Down", "b"]);
    tmux.wait_for("breakpoint set at 9");
    tmux.keys(&["c"]);
    tmux.wait_for("fact(3) at 9");
    tmux.keys(&["c"]);
    tmux.wait_for("fact(2) at 9");
    tmux.keys(&["b"]);
    tmux.wait_for("breakpoint removed at 9");
    // To the cursor.
    tmux.keys(&["End", "r"]);
    tmux.wait_for("fact(2) at 30");
    tmux.keys(&["c"]);
    tmux.wait_for("halted; the result is 6");
    tmux.keys(&["?"]);
    tmux.wait_for("step back: undo the last instruction");
    tmux.keys(&["x", "q"]);
    check_restored(&tmux, "0");
    assert!(tmux.screen().contains("stack step"), "the shell's screen is back");
}

#[test]
fn a_long_run_is_stopped_by_a_key() {
    let Some((scratch, tmux)) = shell("long") else { return };
    scratch.write("endless.bean", "while 1 { }");
    tmux.line(&format!("{CATURRA} stack step endless.bean; echo status $?"));
    tmux.wait_for("step 0");
    tmux.keys(&["c"]);
    tmux.wait_for("running; any key stops");
    tmux.keys(&["x"]);
    tmux.wait_for("stopped");
    tmux.keys(&["C-c"]);
    check_restored(&tmux, "0");
}

#[test]
fn signals_give_the_terminal_back() {
    for (signal, status) in [("TERM", "143"), ("HUP", "129"), ("INT", "")] {
        let Some((scratch, tmux)) = shell(&format!("signal-{signal}")) else { return };
        tmux.line(&format!("(sh -c 'echo $$ > pid; exec {CATURRA} stack step fact.bean'); echo status $?"));
        tmux.wait_for("step 0");
        let pid = std::fs::read_to_string(scratch.0.join("pid")).unwrap();
        let sent = Command::new("kill").args(["-s", signal, pid.trim()]).status().unwrap();
        assert!(sent.success());
        // An interrupted program ends the shell's whole line.
        if status.is_empty() {
            tmux.wait_for("\n%\n");
            check_modes(&tmux);
        } else {
            check_restored(&tmux, status);
        }
    }
}

#[test]
fn the_stepper_ends_with_its_terminal() {
    let Some((scratch, tmux)) = shell("vanished") else { return };
    // As if started by `nohup`: no signal ends it, only the lack of a terminal.
    tmux.line(&format!("sh -c 'trap \"\" HUP; echo $$ > pid; exec {CATURRA} stack step fact.bean'"));
    tmux.wait_for("step 0");
    let pid = std::fs::read_to_string(scratch.0.join("pid")).unwrap();
    drop(tmux);
    let process = std::path::PathBuf::from(format!("/proc/{}/status", pid.trim()));
    let ended = || !std::fs::read_to_string(&process).is_ok_and(|s| !s.contains("State:\tZ"));
    for _ in 0..200 {
        if ended() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the stepper still runs");
}

#[test]
fn a_stopped_stepper_comes_back() {
    let Some((scratch, tmux)) = shell("stopped") else { return };
    tmux.line(&format!("sh -c 'echo $$ > pid; exec {CATURRA} stack step fact.bean'; echo status $?"));
    tmux.wait_for("step 0");
    tmux.keys(&["s"]);
    tmux.wait_for("step 1");
    let pid = std::fs::read_to_string(scratch.0.join("pid")).unwrap();
    assert!(Command::new("kill").args(["-s", "TSTP", pid.trim()]).status().unwrap().success());
    tmux.wait_for("Stopped");
    assert!(!tmux.is_alternate());
    tmux.line("fg; echo status $?");
    tmux.wait_for("step 1");
    tmux.keys(&["q"]);
    check_restored(&tmux, "0");
}

/// Not a test by itself: what the next one runs in a terminal.
#[test]
#[ignore = "takes the terminal and panics"]
fn panic_with_the_screen() {
    let mut screen = Screen::enter().unwrap();
    screen.terminal.draw(|frame| frame.render_widget("about to panic", frame.area())).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let Some((_scratch, tmux)) = shell("panic") else { return };
    let own = std::env::current_exe().unwrap();
    let arguments = "--exact panic_with_the_screen --ignored --nocapture";
    tmux.line(&format!("RUST_BACKTRACE=0 {} {arguments}; echo status $?", own.display()));
    tmux.wait_for("about to panic");
    assert!(tmux.is_alternate());
    check_restored(&tmux, "101");
    let screen = tmux.screen();
    assert!(screen.contains("on purpose"), "{screen}");
}
