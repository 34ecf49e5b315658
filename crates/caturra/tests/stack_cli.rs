//! `caturra stack` as a user meets it: results, messages, exit codes, files.

mod common;

use common::Scratch;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const CATURRA: &str = env!("CARGO_BIN_EXE_caturra");
const ELEVEN_BYTES: &str = "100,0,12,100,0,48,20,100,0,59,23";
const FACTORIAL: &str =
    "input n = 5;\nfn fact(n) {\n    if n < 2 { return 1; }\n    n * fact(n - 1)\n}\nfact(n)\n";

fn stack(scratch: &Scratch, arguments: &[&str]) -> Output {
    // No JDK can be found: neither by its variable nor on the path.
    Command::new(CATURRA)
        .arg("stack")
        .args(arguments)
        .current_dir(&scratch.0)
        .env("JAVA_HOME", "/nonexistent")
        .env("PATH", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What it prints; it must succeed.
fn prints(scratch: &Scratch, arguments: &[&str]) -> String {
    let output = stack(scratch, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What it complains of; it must fail with that code.
fn fails(scratch: &Scratch, code: i32, arguments: &[&str]) -> String {
    let output = stack(scratch, arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    let message = text(&output.stderr);
    assert!(message.ends_with('\n') && !message.contains("panicked"), "{message}");
    message
}

#[test]
fn the_published_programs_on_every_engine() {
    let s = Scratch::new("stack-published");
    s.write("eleven.bin", [100, 0, 12, 100, 0, 48, 20, 100, 0, 59, 23]);
    let words: Vec<u8> = [1i32, 10, 1, 20, 3, 0].iter().flat_map(|w| w.to_le_bytes()).collect();
    s.write("six.bin", words);
    for engine in ["interpreter", "compiled", "auto", "reference"] {
        for (arguments, expected) in [
            (&["run", "--code", ELEVEN_BYTES][..], "635\n"),
            (&["run", "--code", "[1, 10, 1, 20, 3, 0]"], "30\n"),
            (&["run", "-e", "12*48+59"], "635\n"),
            (&["run", "--raw", "eleven.bin"], "635\n"),
            (&["run", "--raw", "six.bin"], "30\n"),
            (&["run", "--raw", "--set", "mini", "six.bin"], "30\n"),
        ] {
            assert_eq!(prints(&s, &[arguments, &["--engine", engine]].concat()), expected, "{engine}");
        }
    }
}

#[test]
fn from_source_to_file_and_back() {
    let s = Scratch::new("stack-files");
    s.write("fact.bean", FACTORIAL);
    assert_eq!(prints(&s, &["compile", "fact.bean"]), "fact.cbc: mini set, 112 bytes of code\n");
    assert_eq!(prints(&s, &["run", "fact.cbc"]), "120\n");
    assert_eq!(prints(&s, &["run", "fact.cbc", "n=6"]), "720\n");
    assert_eq!(prints(&s, &["run", "fact.cbc", "-1"]), "1\n");
    let listing = prints(&s, &["dis", "fact.cbc"]);
    assert!(listing.contains(".function fact 1 1") && listing.contains("CALL fact 1"), "{listing}");
    assert_eq!(prints(&s, &["dis", "fact.cbc", "-o", "again.cas"]), "");
    prints(&s, &["asm", "again.cas"]);
    assert_eq!(fs::read(s.0.join("again.cbc")).unwrap(), fs::read(s.0.join("fact.cbc")).unwrap());
    assert_eq!(prints(&s, &["run", "again.cas", "3"]), "6\n");
    let info = prints(&s, &["info", "fact.bean"]);
    for part in
        ["instruction set  mini", "input            n = 5", "verified         yes", "recursive", "fact"]
    {
        assert!(info.contains(part), "{part} in {info}");
    }
    prints(&s, &["compile", "-e", "1 + 2", "-o", "sum.cbc"]);
    assert!(prints(&s, &["info", "sum.cbc"]).contains("code             7 bytes"));
    prints(&s, &["compile", "-e", "1 + 2", "-o", "sum.cbc", "--set", "mini"]);
    assert_eq!(prints(&s, &["run", "sum.cbc"]), "3\n");
    // Nothing but what was asked for is left behind.
    let mut names: Vec<_> =
        fs::read_dir(&s.0).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["again.cas", "again.cbc", "fact.bean", "fact.cbc", "sum.cbc"]);
}

#[test]
fn printing_tracing_and_statistics() {
    let s = Scratch::new("stack-trace");
    assert_eq!(prints(&s, &["run", "-e", "print 1; print -2; 3"]), "1\n-2\n3\n");
    assert_eq!(prints(&s, &["run", "-e", "print 1;"]), "1\n");
    let trace = prints(&s, &["run", "--trace", "--code", ELEVEN_BYTES]);
    let expected = "    \
    0  LOAD_CONST 12            [] -> [12]
    3  LOAD_CONST 48          [12] -> [12 48]
    6  BINARY_MUL          [12 48] -> [576]
    7  LOAD_CONST 59         [576] -> [576 59]
   10  BINARY_ADD         [576 59] -> [635]
   11  (end)                 [635] -> [635]
635
";
    assert_eq!(trace, expected);
    let trace = prints(&s, &["run", "--trace", "-e", "let x = 7; print x;"]);
    assert!(
        trace.contains("STORE 0") && trace.contains("locals [0] -> [7]") && trace.contains("\n7\n"),
        "{trace}"
    );
    let output = stack(&s, &["run", "--stats", "--engine", "compiled", "-e", "1 < 2"]);
    assert_eq!(text(&output.stdout), "1\n");
    assert!(text(&output.stderr).contains("compiled to "), "{}", text(&output.stderr));
    let operations = prints(&s, &["ops"]);
    assert!(operations.contains("100  LOAD_CONST value") && operations.contains("9  CALL address arguments"));
}

#[test]
fn what_goes_wrong_while_a_program_runs() {
    let s = Scratch::new("stack-faults");
    s.write("fact.bean", FACTORIAL);
    s.write("zero.bean", "let x = 3;\nlet y = 0;\nx / y\n");
    for engine in ["interpreter", "compiled", "auto", "reference"] {
        let fails = |arguments: &[&str]| fails(&s, 1, &[arguments, &["--engine", engine]].concat());
        assert_eq!(
            fails(&["run", "zero.bean"]),
            "caturra stack: zero.bean: division by zero at offset 12, DIV (zero.bean:3)\n"
        );
        assert_eq!(
            fails(&["run", "fact.bean", "n=100000"]),
            "caturra stack: fact.bean: call stack overflow (at most 4096 calls, --max-calls) at offset 23, CALL fact 1 \
             in function fact (fact.bean:4)\n"
        );
        let small = fails(&["run", "fact.bean", "n=100", "--max-stack", "50"]);
        assert!(small.contains("operand stack overflow (at most 50 words, --max-stack)"), "{small}");
        let fuel = fails(&["run", "-e", "while 1 { }", "--fuel", "1000"]);
        assert_eq!(fuel, "caturra stack: -e: out of fuel (1000 instructions, --fuel) at offset 2, JZ 6\n");
        let started = Instant::now();
        let time = fails(&["run", "-e", "while 1 { }", "--time-limit", "200ms"]);
        assert!(time.starts_with("caturra stack: -e: time limit exceeded"), "{time}");
        assert!(started.elapsed() < Duration::from_secs(20));
        // What was printed before is there.
        let output = stack(&s, &["run", "-e", "print 5; 1 / (1 - 1);", "--engine", engine]);
        assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("5\n", Some(1)));
    }
}

#[test]
fn what_the_verifier_rejects() {
    let s = Scratch::new("stack-verify");
    let rejected = |code: &str| fails(&s, 1, &["run", "--code", code]);
    assert_eq!(
        rejected("3,0"),
        "caturra stack: --code: rejected by the verifier:\n  offset 0: ADD: stack underflow: it needs 2 values, there are 0\n"
    );
    assert!(rejected("7,1,0").contains("offset 0: JMP 1: target 1 lies inside the instruction"));
    assert!(rejected("1,5").contains("HALT is missing"));
    assert!(rejected("1,5,77").contains("offset 2: 77 is no opcode of the mini set"));
    assert!(rejected("100,0").contains("LOAD_CONST: the code ends 1 byte before the end of the operands"));
    assert!(rejected("").contains("the program has no code"));
    s.write("bad.cas", "    PUSH 1\n    ADD\n    HALT\n");
    assert!(fails(&s, 1, &["asm", "bad.cas"]).contains("ADD: stack underflow"));
    assert!(!s.0.join("bad.cbc").exists());
    prints(&s, &["asm", "--no-verify", "bad.cas"]);
    assert!(fails(&s, 1, &["run", "bad.cbc"]).contains("rejected by the verifier"));
    let info = stack(&s, &["info", "bad.cbc"]);
    assert!(text(&info.stdout).contains("verified         no") && info.status.code() == Some(1));
}

#[test]
fn files_that_are_none_of_ours() {
    let s = Scratch::new("stack-foreign");
    s.write("fact.bean", FACTORIAL);
    prints(&s, &["compile", "fact.bean"]);
    let good = fs::read(s.0.join("fact.cbc")).unwrap();
    s.write("short.cbc", &good[..40]);
    assert_eq!(
        fails(&s, 1, &["run", "short.cbc"]),
        "caturra stack: short.cbc: the file is truncated: it ends at byte 40, in the code, which needs 100 more bytes\n"
    );
    let mut corrupt = good.clone();
    corrupt[33] ^= 0x40;
    s.write("corrupt.cbc", &corrupt);
    assert!(fails(&s, 1, &["run", "corrupt.cbc"]).contains("the file is corrupt: its checksum is"));
    s.write("text.cbc", FACTORIAL);
    assert!(
        fails(&s, 1, &["run", "text.cbc"])
            .contains("not a .cbc file, which begins with 43 42 43 1A; this is a text file")
    );
    s.write("program.txt", FACTORIAL);
    assert!(fails(&s, 1, &["run", "program.txt"]).contains("cannot tell what this is"));
    // The content counts where it says what it is.
    s.write("named.bean", &good);
    assert_eq!(prints(&s, &["run", "named.bean"]), "120\n");
    assert!(fails(&s, 1, &["compile", "named.bean"]).contains("is compiled already"));
    s.write("latin1.bean", b"// \xe9\n1");
    assert_eq!(
        fails(&s, 1, &["run", "latin1.bean"]),
        "caturra stack: latin1.bean: byte 3: not a text: no UTF-8\n"
    );
    s.write("odd.bin", [1, 0, 0]);
    assert!(fails(&s, 1, &["run", "--raw", "odd.bin"]).contains("3 bytes are no words of 4 bytes"));
    assert!(fails(&s, 1, &["run", "absent.cbc"]).contains("absent.cbc: No such file"));
    assert!(fails(&s, 1, &["run", "."]).contains("is a directory"));
}

#[test]
fn mistakes_on_the_command_line() {
    let s = Scratch::new("stack-usage");
    s.write("fact.bean", FACTORIAL);
    assert!(fails(&s, 1, &["run"]).contains("no program: name a file"));
    assert!(fails(&s, 1, &["run", "fact.bean", "k=3"]).contains("there is no input for k: it has n"));
    assert!(fails(&s, 1, &["run", "fact.bean", "1", "2"]).contains("there is no input for 2"));
    assert!(fails(&s, 1, &["run", "fact.bean", "n=five"]).contains("five: not a number"));
    assert!(fails(&s, 1, &["run", "fact.bean", "n=3000000000"]).contains("not a number of 32 bits"));
    assert!(fails(&s, 1, &["compile", "fact.bean", "-o", "fact.bean"]).contains("would be overwritten"));
    assert!(fails(&s, 1, &["compile", "fact.bean", "-o", "absent/fact.cbc"]).contains("No such file"));
    assert!(fails(&s, 1, &["code", "fact.bean", "--function", "g"]).contains("it has main, fact"));
    assert!(fails(&s, 1, &["step", "fact.bean"]).contains("step needs a terminal"));
    assert!(
        fails(&s, 1, &["run", "fact.bean", "--emit-class", "my-fact.class"]).contains("a JVM finds a class")
    );
    assert!(fails(&s, 1, &["bench", "-e", "1", "--sizes", "3"]).contains("has no input"));
    for arguments in
        [&["frobnicate"][..], &["run", "--engine", "steam", "-e", "1"], &["run", "--fuel", "x"], &[]]
    {
        assert!(fails(&s, 2, arguments).contains("Usage: caturra stack") || arguments.len() > 1);
    }
    for command in ["compile", "asm", "dis", "run", "info", "ops", "step", "code", "bench"] {
        assert!(prints(&s, &[command, "--help"]).contains(&format!("Usage: caturra stack {command}")));
    }
}

#[test]
fn syntax_errors_show_the_place() {
    let s = Scratch::new("stack-syntax");
    s.write("bad.bean", "let x = 1;\nlet y = x + ;\n");
    let message = fails(&s, 1, &["compile", "bad.bean"]);
    for part in ["Error: unexpected `;`", "bad.bean:2:13", "let y = x + ;", "expected an expression"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!message.contains('\u{1b}') && !s.0.join("bad.cbc").exists());
    s.write("bad.cas", "    PUSH 1\n    JUMP 3\n");
    let message = fails(&s, 1, &["asm", "bad.cas"]);
    for part in ["JUMP is no instruction of the mini set", "bad.cas:2:5", "HALT PUSH POP"] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn a_closed_pipe_is_quiet() {
    let mut child = Command::new(CATURRA)
        .args(["stack", "run", "-e", "let i = 0; while 1 { print i; i = i + 1; }"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(141), ""));
}

#[test]
fn code_shows_bytecode_and_machine_code() {
    let s = Scratch::new("stack-code");
    let code = prints(&s, &["code", "-e", "let s = 0; let i = 9; while i { s = s + i; i = i - 1; } s"]);
    for part in ["JVM bytecode of main", "iadd", "goto", "machine code of main:", "tier "] {
        assert!(code.contains(part), "{part} in {code}");
    }
    if cfg!(target_arch = "x86_64") {
        assert!(code.contains("L1:") && code.contains("ret"), "{code}");
    }
    let bytecode = prints(&s, &["code", "-e", "1+2", "--only", "bytecode"]);
    assert!(bytecode.contains("iconst_1") && !bytecode.contains("machine code"));
}

#[test]
fn bench_prints_and_draws() {
    let s = Scratch::new("stack-bench");
    s.write("sum.bean", "input n = 9; let s = 0; while n > 0 { s = s + n; n = n - 1; } s");
    let table = prints(&s, &["bench", "sum.bean", "--sizes", "1,1000,20000", "--no-jdk"]);
    for part in ["interpreter", "tier 1", "compile time", "pays from", "register form", "20000"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let svg = fs::read_to_string(s.0.join("sum-bench.svg")).unwrap();
    let html = fs::read_to_string(s.0.join("sum-bench.html")).unwrap();
    assert!(svg.contains("<svg") && html.contains("<svg") && html.contains("JMP"));
    // Without a JDK that is said, and nothing else changes.
    let table = prints(&s, &["bench", "sum.bean", "--sizes", "10", "--no-plot", "--vary", "n"]);
    assert!(table.contains("JDK: left out") || table.contains("JDK 17"), "{table}");
}

/// `--emit-class`: the class does on the JDK what the program does here.
#[test]
fn the_class_runs_on_a_jdk() {
    let Some(jdk) = common::jdk() else { return };
    let s = Scratch::new("stack-class");
    s.write("fact.bean", FACTORIAL);
    assert_eq!(prints(&s, &["run", "fact.bean", "--emit-class", "Fact.class"]), "120\n");
    let java = |arguments: &[&str]| {
        let output = Command::new(jdk.path.join("bin/java"))
            .args(["-XX:TieredStopAtLevel=1", "-Xverify:all", "-cp"])
            .arg(&s.0)
            .args(arguments)
            .output()
            .unwrap();
        text(&output.stdout)
    };
    assert_eq!(java(&["Fact"]), "120\n");
    assert_eq!(java(&["Fact", "7"]), "5040\n");
}
