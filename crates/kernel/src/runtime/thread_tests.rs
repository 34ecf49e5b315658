//! Threads, safepoints and monitors together, on a VM without a class library: objects are bare headers.

use crate::loading::loader::LoaderSet;
use crate::oops::metaspace::Metaspace;
use crate::oops::symbol::{KnownSymbols, SymbolTable};
use crate::runtime::lock_word::LockWord;
use crate::runtime::monitor::{self, LockState};
use crate::runtime::safepoint::{BlockedScope, JavaScope, NativeScope, stop_the_world};
use crate::runtime::thread::{Thread, ThreadState};
use crate::runtime::thread_list;
use crate::runtime::vm::Vm;
use caturra_heap::{Heap, HeapConfig, ObjRef};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::time::{Duration, Instant};

fn vm() -> &'static Vm {
    static VM: OnceLock<&'static Vm> = OnceLock::new();
    VM.get_or_init(|| {
        let metaspace = Metaspace::reserve(u64::MAX, u64::MAX).expect("metaspace");
        let symbols = SymbolTable::new(metaspace.clone());
        let sym = KnownSymbols::new(&symbols);
        let heap = Heap::new(HeapConfig { max: 16 << 20, ..HeapConfig::default() }).expect("heap");
        Box::leak(Box::new(Vm {
            options: Default::default(),
            started: Instant::now(),
            started_millis: 0,
            loaders: LoaderSet::new(metaspace.clone()),
            metaspace,
            symbols,
            sym,
            heap,
            modules: Default::default(),
            wk: Default::default(),
            off: Default::default(),
            methods: Default::default(),
            strings: Default::default(),
            threads: Default::default(),
            safepoint: crate::runtime::safepoint::Safepoint::new(),
            monitors: Default::default(),
            identity: Default::default(),
            globals: Default::default(),
            engine: OnceLock::new(),
            compiler: OnceLock::new(),
            compiler_data: OnceLock::new(),
            invoke_data: OnceLock::new(),
            primitives: Default::default(),
            primitive_arrays: Default::default(),
            init_lock: Default::default(),
            init_cond: Default::default(),
            hierarchy_lock: Default::default(),
            jni_functions: Default::default(),
            invoke_interface: Default::default(),
            phase: Default::default(),
            mirror_fields_end: Default::default(),
            next_class_serial: Default::default(),
            classes_loaded: Default::default(),
            classes_unloaded: Default::default(),
            exiting: Default::default(),
            ending: Default::default(),
            tools: Default::default(),
            redefinitions: AtomicU32::new(0),
            preallocated: OnceLock::new(),
            traced_out_of_memory: Default::default(),
        }))
    })
}

/// A header in memory below 32 GiB.
fn object() -> ObjRef {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static BASE: OnceLock<u64> = OnceLock::new();
    let base = *BASE.get_or_init(|| {
        // SAFETY: a fresh mapping in the low 2 GiB.
        let p = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                1 << 16,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT,
                -1,
                0,
            )
        };
        assert_ne!(p, libc::MAP_FAILED);
        p as u64
    });
    let address = base + 16 * NEXT.fetch_add(1, Ordering::Relaxed);
    // SAFETY: aligned and below the limit.
    unsafe { ObjRef::from_addr(address as *const u8) }
}

fn state_of(o: ObjRef) -> LockState {
    // SAFETY: memory of `object`, never freed.
    LockWord(unsafe { o.lock_word() }.load(Ordering::SeqCst)).decode()
}

/// Runs `f` on a thread of the test VM.
fn on_thread<R: Send + 'static>(
    f: impl FnOnce(&'static Thread) -> R + Send + 'static,
) -> std::thread::JoinHandle<R> {
    std::thread::spawn(move || {
        let vm = vm();
        let t = thread_list::register_current(vm, true).expect("register");
        let r = f(t);
        thread_list::leave_os_thread(vm, t);
        r
    })
}

fn deflate(t: &Thread) {
    stop_the_world(t, || t.vm().monitors.process_weak(&|o| o));
}

#[test]
fn monitors_exclude_while_safepoints_deflate_them() {
    const THREADS: usize = 4;
    const ROUNDS: u64 = 20_000;
    let o = object();
    let hash = on_thread(move |t| monitor::identity_hash(t, o)).join().expect("join");
    let counter = Arc::new(AtomicU64::new(0));
    let inside = Arc::new(AtomicU32::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..THREADS)
        .map(|n| {
            let (counter, inside) = (counter.clone(), inside.clone());
            on_thread(move |t| {
                for i in 0..ROUNDS {
                    monitor::enter(t, o);
                    if i % 3 == 0 {
                        monitor::enter(t, o);
                    }
                    assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                    if i % 64 == n as u64 {
                        t.poll();
                    }
                    inside.fetch_sub(1, Ordering::Relaxed);
                    if i % 3 == 0 {
                        monitor::exit(t, o).expect("exit");
                    }
                    monitor::exit(t, o).expect("exit");
                    if i % 16 == 0 {
                        t.poll();
                    }
                    if i % 1000 == 0 {
                        assert_eq!(monitor::identity_hash(t, o), hash);
                    }
                }
            })
        })
        .collect();
    let collector = {
        let done = done.clone();
        on_thread(move |t| {
            while !done.load(Ordering::Relaxed) {
                deflate(t);
                let _blocked = BlockedScope::enter(t);
                std::thread::sleep(Duration::from_micros(300));
            }
        })
    };
    for w in workers {
        w.join().expect("join");
    }
    done.store(true, Ordering::Relaxed);
    collector.join().expect("join");
    assert_eq!(counter.load(Ordering::Relaxed), THREADS as u64 * ROUNDS);
    on_thread(deflate).join().expect("join");
    assert_eq!(state_of(o), LockState::Neutral { hash: hash as u32 });
}

#[test]
fn waiting_threads_are_notified_in_turn() {
    const ROUNDS: u32 = 3000;
    let o = object();
    let turn = Arc::new(AtomicU32::new(0));
    let players: Vec<_> = (0..3u32)
        .map(|me| {
            let turn = turn.clone();
            on_thread(move |t| {
                for round in 0..ROUNDS {
                    monitor::enter(t, o);
                    while turn.load(Ordering::Relaxed) % 3 != me {
                        monitor::wait(t, o, 0, 0).expect("wait");
                        assert!(monitor::holds(t, o));
                    }
                    turn.fetch_add(1, Ordering::Relaxed);
                    monitor::notify_all(t, o).expect("notify");
                    monitor::exit(t, o).expect("exit");
                    if round % 500 == 0 {
                        deflate(t);
                    }
                }
            })
        })
        .collect();
    for p in players {
        p.join().expect("join");
    }
    assert_eq!(turn.load(Ordering::Relaxed), 3 * ROUNDS);
}

#[test]
fn a_timed_wait_ends_and_keeps_the_recursions() {
    on_thread(|t| {
        let o = object();
        for _ in 0..300 {
            monitor::enter(t, o);
        }
        let start = Instant::now();
        monitor::wait(t, o, 30, 1).expect("wait");
        assert!(start.elapsed() >= Duration::from_millis(30));
        for _ in 0..300 {
            assert_eq!(monitor::owner(t, o), t.id);
            monitor::exit(t, o).expect("exit");
        }
        assert_eq!(monitor::owner(t, o), 0);
        // A notification that nobody waits for is lost.
        monitor::enter(t, o);
        monitor::notify(t, o).expect("notify");
        monitor::exit(t, o).expect("exit");
        deflate(t);
        assert!(matches!(state_of(o), LockState::Neutral { hash: 0 }));
    })
    .join()
    .expect("join");
}

#[test]
fn hashing_a_locked_object_inflates_and_keeps_the_lock() {
    on_thread(|t| {
        let o = object();
        monitor::enter(t, o);
        assert_eq!(state_of(o), LockState::Thin { owner: t.id, recursions: 0 });
        let hash = monitor::identity_hash(t, o);
        assert!(hash != 0 && matches!(state_of(o), LockState::Inflated { .. }));
        deflate(t);
        assert!(monitor::holds(t, o));
        monitor::exit(t, o).expect("exit");
        deflate(t);
        assert_eq!(monitor::identity_hash(t, o), hash);
        assert_eq!(state_of(o), LockState::Neutral { hash: hash as u32 });
    })
    .join()
    .expect("join");
}

#[test]
fn scopes_nest_and_restore_the_scan_start() {
    on_thread(|t| {
        assert_eq!(t.state(), ThreadState::InJava);
        {
            let _native = NativeScope::enter(t);
            assert_eq!(t.state(), ThreadState::InNative);
            let sp = t.last_sp.get();
            assert!(sp <= t.native_base.get() && sp >= t.native_limit.get());
            {
                let _java = JavaScope::enter(t);
                assert_eq!(t.state(), ThreadState::InJava);
                {
                    let _nested = JavaScope::enter(t);
                    let _blocked = BlockedScope::enter(t);
                    assert_eq!(t.state(), ThreadState::Blocked);
                    t.last_sp.set(1);
                }
                assert_eq!(t.state(), ThreadState::InJava);
            }
            assert_eq!(t.state(), ThreadState::InNative);
            assert_eq!(t.last_sp.get(), sp);
        }
        assert_eq!(t.state(), ThreadState::InJava);
        assert!(!t.native_stack_low());
    })
    .join()
    .expect("join");
}

#[test]
fn the_world_stands_still_in_a_safepoint_and_initiators_take_turns() {
    const THREADS: usize = 3;
    let ticks = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let begin = Arc::new(Barrier::new(THREADS + 2));
    let runners: Vec<_> = (0..THREADS)
        .map(|n| {
            let (ticks, stop, begin) = (ticks.clone(), stop.clone(), begin.clone());
            on_thread(move |t| {
                {
                    let _blocked = BlockedScope::enter(t);
                    begin.wait();
                }
                let mut i = 0u64;
                while !stop.load(Ordering::Relaxed) {
                    ticks.fetch_add(1, Ordering::Relaxed);
                    i += 1;
                    if n == 0 && i.is_multiple_of(7) {
                        let _native = NativeScope::enter(t);
                    }
                    t.poll();
                }
            })
        })
        .collect();
    let initiators: Vec<_> = (0..2)
        .map(|_| {
            let (ticks, begin) = (ticks.clone(), begin.clone());
            on_thread(move |t| {
                {
                    let _blocked = BlockedScope::enter(t);
                    begin.wait();
                }
                for _ in 0..200 {
                    stop_the_world(t, || {
                        assert!(t.vm().safepoint.is_owner());
                        let before = ticks.load(Ordering::SeqCst);
                        for _ in 0..2000 {
                            std::hint::spin_loop();
                        }
                        stop_the_world(t, || ());
                        assert_eq!(ticks.load(Ordering::SeqCst), before);
                    });
                    assert!(!t.vm().safepoint.stop(t.vm(), &|| false));
                }
            })
        })
        .collect();
    for i in initiators {
        i.join().expect("join");
    }
    stop.store(true, Ordering::Relaxed);
    for r in runners {
        r.join().expect("join");
    }
    let (count, _) = vm().safepoint.totals();
    assert!(count >= 400);
}

/// Runs the test `name` of this binary in a process of its own, in an empty directory.
fn run_child(name: &str, directory: &std::path::Path) -> std::process::Output {
    std::fs::create_dir_all(directory).expect("directory");
    std::process::Command::new(std::env::current_exe().expect("path"))
        .args(["--ignored", "--exact", "--nocapture", &format!("runtime::thread_tests::{name}")])
        .current_dir(directory)
        .output()
        .expect("child")
}

fn check_report(child: &str, expected: &[&str]) {
    use std::os::unix::process::ExitStatusExt;
    let directory = std::env::temp_dir().join(format!("caturra-{child}-{}", std::process::id()));
    let output = run_child(child, &directory);
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
    let log = std::fs::read_dir(&directory).expect("directory").next().expect("a log").expect("entry").path();
    assert!(log.file_name().expect("name").to_string_lossy().starts_with("hs_err_pid"));
    let log = String::from_utf8_lossy(&std::fs::read(log).expect("log")).into_owned();
    let screen = String::from_utf8_lossy(&output.stderr).into_owned();
    std::fs::remove_dir_all(&directory).expect("clean up");
    assert!(screen.contains("A fatal error has been detected by the Java Runtime Environment"), "{screen}");
    for e in expected {
        assert!(log.contains(e), "{e} in {log}");
    }
    assert!(log.ends_with("END.\n"), "{log}");
}

fn install_reports() {
    crate::platform::crash::install(crate::platform::crash::Identity {
        runtime: "test runtime".into(),
        vm: "test vm".into(),
        ..Default::default()
    });
}

#[test]
#[ignore = "crashes; run by another test"]
fn child_faults() {
    install_reports();
    // SAFETY: none: it is meant to fault.
    on_thread(|_| unsafe { std::ptr::without_provenance::<u64>(8).read_volatile() }).join().expect("join");
}

#[test]
#[ignore = "crashes; run by another test"]
fn child_overflows_its_stack() {
    install_reports();
    #[inline(never)]
    fn deeper(n: u64) -> u64 {
        let page = std::hint::black_box([n; 512]);
        if n == u64::MAX { 0 } else { deeper(n + 1) + page[(n % 512) as usize] }
    }
    on_thread(|_| deeper(0)).join().expect("join");
}

#[test]
#[ignore = "crashes; run by another test"]
fn child_panics() {
    install_reports();
    on_thread(|_| panic!("a bug of the VM")).join().expect("join");
}

#[test]
fn faults_overflows_and_panics_leave_a_report() {
    let common = ["Current thread (", "Java Threads:", "Dynamic libraries:", "# Java VM: test vm"];
    check_report(
        "child_faults",
        &[&common[..], &["SIGSEGV (0xb)", "si_addr: 0x0000000000000008", "RIP="]].concat(),
    );
    check_report("child_overflows_its_stack", &[&common[..], &["Stack overflow in native code"]].concat());
    check_report("child_panics", &[&common[..], &["Internal Error", "a bug of the VM"]].concat());
}
