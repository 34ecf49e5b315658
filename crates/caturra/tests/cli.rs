//! The command beside the reference `java`: standard output, standard error and exit code are equal but for the
//! names of the VM and of the program, and for times.

mod common;

use caturra_vm::java_home::JavaHome;
use common::Scratch;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const CATURRA: &str = env!("CARGO_BIN_EXE_caturra");

const HELLO: &str = r#"
public class Hello {
    public static void main(String[] args) {
        System.out.println("hello " + String.join(",", args));
        if (args.length == 0) return;
        switch (args[0]) {
            case "throw": throw new IllegalStateException("thrown");
            case "exit": System.exit(7);
            case "thread": new Thread(() -> { throw new RuntimeException("in a thread"); }, "t").start(); break;
            case "property": System.out.println(System.getProperty(args[1])); break;
            case "assert": assert args.length > 5 : "asserted"; break;
            case "depth":
                try { recurse(); } catch (Error e) { System.out.println(e.getStackTrace().length); }
        }
    }
    static void recurse() { recurse(); }
}
"#;

const OTHERS: &str = r#"
class NoMain {}
class NonStatic { public void main(String[] args) {} }
class IntMain { public static int main(String[] args) { return 1; } }
class BadInit { static int x = 1 / 0; public static void main(String[] args) {} }
"#;

/// What the cases need on disk; `$` in an argument stands for the directory.
fn prepare(jdk: &JavaHome) -> Scratch {
    let dir = Scratch::new("cli");
    dir.compile(jdk, "Hello.java", HELLO);
    dir.compile(jdk, "Others.java", OTHERS);
    dir.write("module-info.java", "module m { }");
    dir.compile(
        jdk,
        "p/Main.java",
        "package p; public class Main { public static void main(String[] a) { System.out.println(Main.class.getModule()); } }",
    );
    let bytes = std::fs::read(dir.0.join("p/Main.class")).unwrap();
    dir.write("modules/m/p/Main.class", bytes);
    let javac = Command::new(jdk.path.join("bin/javac"))
        .arg("-d")
        .arg(dir.0.join("modules/m"))
        .arg(dir.0.join("module-info.java"))
        .status()
        .unwrap();
    assert!(javac.success());
    let jar = |name: &str, extra: &[&str]| {
        let status = Command::new(jdk.path.join("bin/jar"))
            .current_dir(&dir.0)
            .args(["--create", "--file", name])
            .args(extra)
            .arg("Hello.class")
            .status()
            .unwrap();
        assert!(status.success());
    };
    jar("hello.jar", &["--main-class", "Hello"]);
    jar("nomain.jar", &[]);
    dir.write("bad.jar", "this is no jar file");
    let class = std::fs::read(dir.0.join("Hello.class")).unwrap();
    let mut future = class.clone();
    future[7] = 99;
    dir.write("future/Hello.class", future);
    dir.write("cut/Hello.class", &class[..class.len() / 2]);
    dir.write("Broken.java", "public class Broken { int x = \"\"; public static void main(String[] a) { } }");
    dir.write("args", format!("-cp {}\n\"Hello\" a \"b c\" # comment\n", dir.0.display()));
    dir.write("flags", "+DisableExplicitGC # comment\nMaxHeapSize=20m\n");
    dir.write("options", "-Xmx20m -Da='b c'");
    dir.write("options-bad", "-Xmx20m -XX:MaxJavaStackTraceDepth=x");
    dir.write("options-nested", "-XX:VMOptionsFile=/x");
    dir.write("options-quote", "-Da='b c");
    dir
}

/// Command lines as a shell would split them, without quotes: `_` stands for a space in an argument. Environment
/// variables come first.
const LAUNCHER: &[&str] = &[
    "-cp $ Hello a b",
    "-cp $ Hello throw",
    "-cp $ Hello exit",
    "-cp $ Hello thread",
    "-cp $ Nope",
    "-cp $ hello",
    "-cp $ NoMain",
    "-cp $ NonStatic",
    "-cp $ IntMain",
    "-cp $ BadInit",
    "-cp $/future Hello",
    "-cp $/cut Hello",
    "-jar $/hello.jar x y",
    "-jar $/nomain.jar",
    "-jar $/bad.jar",
    "-jar $/none.jar",
    "-jar",
    "-cp",
    "-m",
    "$/Hello.java a b",
    "--source 17 $/Hello.java q",
    "$/Broken.java",
    "$/None.java",
    "@$/args",
    "@$/no-such-file",
    "-p $/modules -m m/p.Main",
    "-p $/modules -m m",
    "-p $/modules -m n/p.Main",
    "--module-path $/modules --module m/p.Nope",
    "-cp $ --dry-run Hello",
    "-cp $ --dry-run Nope",
    "-cp $ -server Hello -server",
    "-cp $/* Hello",
    "-cp $ -Da=b Hello property a",
    "-cp $ -ea Hello assert",
    "-cp $ -da Hello assert",
    "-cp $ -XX:MaxJavaStackTraceDepth=5 Hello depth",
    "-cp $ -XX:Flags=$/flags Hello",
    "-cp $ -XX:VMOptionsFile=$/options Hello property a",
    "CLASSPATH=$ Hello z",
    "JDK_JAVA_OPTIONS=-cp_$ Hello z",
    "JDK_JAVA_OPTIONS=@$/args Hello z",
    "JDK_JAVA_OPTIONS=Hello Hello z",
    "JAVA_TOOL_OPTIONS=-Da='b_c' -cp $ Hello property a",
    "_JAVA_OPTIONS=-Da=c JAVA_TOOL_OPTIONS=-Da=d -cp $ -Da=e Hello property a",
    "",
    "-help",
    "-X",
    "--help-extra",
    "-fullversion",
    "--full-version",
    "--add-opens",
    "--validate-modules",
    "--describe-module nosuch",
];

/// Options of the VM: each is put before `-cp $ Hello`.
const OPTIONS: &[&str] = &[
    "-Xfoo",
    "-d64",
    "-Xmx",
    "-Xmxabc",
    "-Xmx0",
    "-Xmx1",
    "-Xmx1m",
    "-Xmx-5m",
    "-Xmx20mfoo",
    "-Xmx99999999999999999g",
    "-Xmx10m -Xms20m",
    "-Xms20m -Xmx10m",
    "-Xms0",
    "-Xms1k",
    "-Xss",
    "-Xssabc",
    "-Xss1k",
    "-Xss2g",
    "-Xss0",
    "-Xmn",
    "-Xmn10x",
    "-Xmn1m",
    "-Xnoclassgc",
    "-Xbatch",
    "-Xprof",
    "-Xfuture",
    "-Xdebug",
    "-Xverify",
    "-Xverify:none",
    "-Xverify:foo",
    "-noverify",
    "-Xcheck",
    "-Xcheck:foo",
    "-Xshare",
    "-Xshare:foo",
    "-Xshare:auto",
    "-Xbootclasspath:/x",
    "-Xbootclasspath/p:/x",
    "-Xbootclasspath/a",
    "-Xbootclasspath/a:",
    "-verbose:foo",
    "-ea:",
    "-ea:p...",
    "-eax",
    "-agentlib",
    "-agentlib:jdwp=help",
    "-agentlib:nosuch",
    "-agentpath:/no/such/agent.so",
    "-javaagent:no-such.jar",
    "-Xrunnosuch",
    "-XX:",
    "-XX:+",
    "-XX:#x",
    "-XX:-IgnoreUnrecognizedVMOptions -XX:+Foo",
    "-XX:+IgnoreUnrecognizedVMOptions -XX:+Foo -XX:Bar=1",
    "-XX:MaxHeapSize",
    "-XX:MaxHeapSize=",
    "-XX:MaxHeapSize=-1",
    "-XX:MaxHeapSize=0x4000000",
    "-XX:+MaxHeapSize",
    "-XX:-MaxHeapSize",
    "-XX:UseSerialGC",
    "-XX:UseSerialGC=true",
    "-XX:+UseSerialGC=1",
    "-XX:+UseSerialGC -XX:+UseG1GC",
    "-XX:+UseEpsilonGC",
    "-XX:+ShowHiddenFrames",
    "-XX:+UnlockDiagnosticVMOptions -XX:+ShowHiddenFrames",
    "-XX:MaxRAMPercentage=abc",
    "-XX:MaxRAMPercentage=150",
    "-XX:MaxJavaStackTraceDepth=-1",
    "-XX:SoftRefLRUPolicyMSPerMB=-3",
    "-XX:ThreadStackSize=1",
    "-XX:ThreadStackSize=2000000",
    "-XX:ActiveProcessorCount=abc",
    "-XX:MaxDirectMemorySize=-1",
    "-XX:TieredStopAtLevel=9",
    "-XX:+PrintVMOptions -XX:+UseSerialGC",
    "-XX:Flags=/no/such/file",
    "-XX:VMOptionsFile=/no/such/file",
    "-XX:VMOptionsFile=$/options-bad",
    "-XX:VMOptionsFile=$/options-nested",
    "-XX:VMOptionsFile=$/options-quote",
    "-XX:VMOptionsFile=$/options -XX:VMOptionsFile=$/options",
    "JAVA_TOOL_OPTIONS=-Xfoo",
    "JAVA_TOOL_OPTIONS=",
    "JAVA_TOOL_OPTIONS=-Da='b",
    "-Djava.ext.dirs=/x",
    "-Djava.endorsed.dirs=/x",
    "-Djdk.module.addmods=x",
    "--patch-module=foo",
    "--patch-module=java.base=/x --patch-module=java.base=/y",
    "--add-modules=nosuch",
    "--limit-modules=nosuch",
    "--add-reads=foo",
    "--add-exports=java.base/x=ALL-UNNAMED",
    "--illegal-access=permit",
    "-Xlog:foo",
    "-Xlog:clas",
    "-Xlog:gc=foo",
    "-Xlog:gc:foo=x",
    "-Xlog:gc:file=/no/such/directory/x",
    "-Xlog:gc::foo",
    "-Xlog:gc:file=$/x:none:filecount=a",
    "-Xlog:a:b:c:d:e",
    "-Xlog:gc+heap+init+ergo+cpu+ref",
    "-Xlogfoo",
    "-Xlog:disable",
    "-Xlog:all=error",
];

fn run(program: &std::path::Path, dir: &Scratch, line: &str) -> Output {
    let place = dir.0.to_str().unwrap();
    let mut command = Command::new(program);
    for variable in ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"] {
        command.env_remove(variable);
    }
    let mut only_variables = true;
    for word in line.split_whitespace() {
        let text = word.replace('$', place);
        match word.split_once('=') {
            Some((name, _)) if only_variables && !name.starts_with(['-', '@', '$']) => {
                let value = text[name.len() + 1..].replace('_', " ");
                command.env(name, value);
            }
            _ => {
                only_variables = false;
                command.arg(text);
            }
        }
    }
    command.output().unwrap()
}

/// Times and names do not count.
fn normal(text: &[u8]) -> String {
    let mut lines = Vec::new();
    for line in String::from_utf8_lossy(text).lines() {
        let mut line = line.replace("OpenJDK 64-Bit Server VM", "VM").replace("Caturra 64-Bit VM", "VM");
        let end = line.strip_prefix('[').and_then(|l| l.find("s]"));
        let is_time = |c: u8| c.is_ascii_digit() || c == b'.';
        if let Some(end) = end.filter(|&end| line[1..=end].bytes().all(is_time)) {
            line.replace_range(1..=end + 1, "T");
        }
        for usage in ["Usage: ", "or  ", "       "] {
            for program in ["java [", "caturra ["] {
                line = line.replace(&format!("{usage}{program}"), &format!("{usage}X ["));
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[test]
fn command_lines_behave_as_with_the_reference_launcher() {
    let Some(jdk) = common::jdk() else { return };
    let dir = prepare(&jdk);
    let java = jdk.path.join("bin/java");
    let lines: Vec<String> = LAUNCHER
        .iter()
        .map(|l| (*l).to_string())
        .chain(OPTIONS.iter().map(|o| format!("{o} -cp $ Hello")))
        .collect();
    let (next, differences) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(line) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let shown = |o: &Output| {
                        format!(
                            "exit {:?}\nout: {}\nerr: {}",
                            o.status.code(),
                            normal(&o.stdout),
                            normal(&o.stderr)
                        )
                    };
                    let expected = shown(&run(&java, &dir, line));
                    let found = shown(&run(CATURRA.as_ref(), &dir, line));
                    if expected != found {
                        let text = format!("=== {line}\n--- java\n{expected}\n--- caturra\n{found}\n");
                        differences.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    assert!(differences.is_empty(), "{} of {}\n{}", differences.len(), lines.len(), differences.concat());
}

/// HotSpot's flags that mean nothing here do not stop scripts; what is no flag at all does.
#[test]
fn flags_of_hotspot_are_accepted_and_others_refused() {
    let Some(jdk) = common::jdk() else { return };
    let dir = Scratch::new("cli-flags");
    dir.compile(&jdk, "Hello.java", HELLO);
    let output = run(CATURRA.as_ref(), &dir, "-XX:+UseNUMA -XX:MaxInlineSize=3 -cp $ Hello");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello \n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let output = run(CATURRA.as_ref(), &dir, "-XX:+IgnoreUnrecognizedVMOptions -XX:+NoSuchFlag -cp $ Hello");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello \n");
    let output = run(CATURRA.as_ref(), &dir, "-XX:+UseSerialG -cp $ Hello");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Did you mean '(+/-)UseSerialGC'?"));
}

#[test]
fn logs_go_where_they_are_sent() {
    let Some(jdk) = common::jdk() else { return };
    let dir = Scratch::new("cli-log");
    dir.compile(&jdk, "Gc.java", "class Gc { public static void main(String[] a) { System.gc(); } }");
    let output = run(CATURRA.as_ref(), &dir, "-verbose:gc -cp $ Gc");
    let out = normal(&output.stdout);
    assert!(out.starts_with("[T][info][gc] GC(0) Pause Full (System.gc()) "), "{out}");
    let output = run(CATURRA.as_ref(), &dir, "-Xlog:gc*=debug:file=$/gc-%p.log:l,tg -cp $ Gc");
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    let written = std::fs::read_dir(&dir.0)
        .unwrap()
        .flatten()
        .find(|e| e.file_name().to_string_lossy().starts_with("gc-"));
    let text = std::fs::read_to_string(written.unwrap().path()).unwrap();
    // The tags are as wide as the widest before them.
    assert!(text.lines().any(|l| l.starts_with("[info][gc     ] GC(0) Pause Full")), "{text}");
    let output = run(CATURRA.as_ref(), &dir, "-Xlog:class+load:stderr:none -cp $ Gc");
    assert!(output.stdout.is_empty());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.lines().any(|l| l.starts_with("Gc source: ")), "{text}");
}

#[test]
fn flags_are_listed() {
    let Some(jdk) = common::jdk() else { return };
    let dir = Scratch::new("cli-list");
    dir.compile(&jdk, "Hello.java", HELLO);
    let column = |output: &Output, name: &str| -> Vec<String> {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find(|l| l.split_whitespace().nth(1) == Some(name)).unwrap_or("").to_string();
        line.split_whitespace().map(str::to_string).collect()
    };
    let options = "-Xmx64m -XX:MaxJavaStackTraceDepth=7 -XX:+PrintFlagsFinal -cp $ Hello";
    let ours = run(CATURRA.as_ref(), &dir, options);
    let theirs = run(&jdk.path.join("bin/java"), &dir, options);
    for flag in
        ["MaxHeapSize", "MaxJavaStackTraceDepth", "DisableExplicitGC", "MaxRAMPercentage", "ErrorFile"]
    {
        let mut ours = column(&ours, flag);
        let mut theirs = column(&theirs, flag);
        // "{pd product}" and "{product}" are one to us.
        ours.retain(|w| !w.contains("product"));
        theirs.retain(|w| !w.contains("product") && w != "{pd");
        assert!(!ours.is_empty());
        assert_eq!(ours, theirs, "{flag}");
    }
    let output = run(CATURRA.as_ref(), &dir, "-Xmx64m -Xms8m -XX:+PrintCommandLineFlags -cp $ Hello");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.starts_with("-XX:InitialHeapSize=8388608 -XX:MaxHeapSize=67108864 -XX:+PrintCommandLineFlags"),
        "{text}"
    );
    assert_eq!(run(CATURRA.as_ref(), &dir, "-XX:+PrintFlagsInitial").status.code(), Some(0));
    assert_eq!(run(CATURRA.as_ref(), &dir, "-XX:+PrintFlagsRanges -version").status.code(), Some(0));
}

#[test]
fn a_made_jdk_runs_on_this_vm() {
    let Some(jdk) = common::jdk() else { return };
    let dir = Scratch::new("cli-jdk");
    dir.compile(&jdk, "Hello.java", HELLO);
    let made = dir.0.join("made");
    let make = |extra: &[&str]| Command::new(CATURRA).arg("jdk").arg(&made).args(extra).output().unwrap();
    let output = make(&[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Once more brings it up to date.
    assert!(make(&["--from", jdk.path.to_str().unwrap()]).status.success());

    let version = Command::new(made.join("bin/java")).arg("-version").output().unwrap();
    assert!(String::from_utf8_lossy(&version.stderr).contains("Caturra"));
    let home = Command::new(made.join("bin/java"))
        .arg("-cp")
        .arg(&dir.0)
        .args(["Hello", "property", "java.home"])
        .output()
        .unwrap();
    let real = made.canonicalize().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&home.stdout),
        format!("hello property,java.home\n{}\n", real.display())
    );
    // The command itself takes it as JAVA_HOME, and refuses to make a copy of it.
    let hello =
        Command::new(CATURRA).env("JAVA_HOME", &made).arg("-cp").arg(&dir.0).arg("Hello").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&hello.stdout), "hello \n");
    let copy =
        Command::new(CATURRA).env("JAVA_HOME", &made).arg("jdk").arg(dir.0.join("copy")).output().unwrap();
    assert!(!copy.status.success());

    let occupied = dir.0.join("occupied");
    dir.write("occupied/file", "");
    let output = Command::new(CATURRA).arg("jdk").arg(&occupied).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
}

#[test]
fn a_missing_jdk_is_named() {
    let dir = Scratch::new("cli-none");
    for home in [dir.0.to_str().unwrap(), "/no/such/place"] {
        let output = Command::new(CATURRA).env("JAVA_HOME", home).arg("-version").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(home) && text.contains("openjdk-17-jdk-headless"), "{text}");
    }
    let output = Command::new(CATURRA).arg("--caturra-version").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("caturra "));
}

#[test]
fn a_cache_that_cannot_be_written_does_no_harm() {
    let Some(jdk) = common::jdk() else { return };
    let dir = Scratch::new("cli-cache");
    dir.compile(&jdk, "Hello.java", HELLO);
    let temporary = dir.0.join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    // A file where a directory should be stops even the superuser.
    let file = dir.write("file", "");
    let output = Command::new(CATURRA)
        .env("XDG_CACHE_HOME", &file)
        .env("TMPDIR", &temporary)
        .arg("-cp")
        .arg(&dir.0)
        .args(["Hello", "exit"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "the temporary directory is gone");
}
