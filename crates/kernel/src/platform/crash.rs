//! Fatal errors: a report in HotSpot's shape on standard error and in `hs_err_pid<pid>.log`, then `abort`.
//!
//! The report is written inside a signal handler: it allocates nothing, reads Java data only as far as it goes
//! well, and is made in steps; a fault in one step continues with the next.

use super::machine;
use crate::runtime::frames;
use crate::runtime::thread::{Thread, ThreadState};
use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::fmt::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

/// What reports say about the VM.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// "OpenJDK Runtime Environment (17.0.9) (build ...)".
    pub runtime: String,
    /// Name, version and mode of the VM.
    pub vm: String,
    pub command_line: String,
    /// `-XX:ErrorFile`, with `%p` for the process id.
    pub error_file: Option<String>,
}

static IDENTITY: OnceLock<Identity> = OnceLock::new();
/// Thread that writes the report, 0 before.
static REPORTER: AtomicI32 = AtomicI32::new(0);
/// The step that comes next.
static STEP: AtomicU32 = AtomicU32::new(0);

const SIGNALS: [c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];
static PREVIOUS: OnceLock<[libc::sigaction; 4]> = OnceLock::new();

/// Seconds until a report that hangs is given up.
const TIMEOUT: u32 = 30;
const MAX_JAVA_FRAMES: usize = 1024;
const MAX_NATIVE_FRAMES: usize = 64;

/// Installs the handlers of fatal signals and the panic hook. Once a process; later calls change nothing.
pub fn install(identity: Identity) {
    if IDENTITY.set(identity).is_err() {
        return;
    }
    // SAFETY: the first call of `backtrace` loads a library, which a signal handler must not; the actions are
    // filled in before they are installed.
    unsafe {
        let mut frames = [std::ptr::null_mut(); 2];
        libc::backtrace(frames.as_mut_ptr(), 2);
        let mut previous: [libc::sigaction; 4] = std::mem::zeroed();
        for (signal, old) in SIGNALS.iter().zip(&mut previous) {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_fatal_signal as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
            libc::sigemptyset(&mut action.sa_mask);
            libc::sigaction(*signal, &action, old);
        }
        let _ = PREVIOUS.set(previous);
    }
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // A host program's own panics, on threads that do not run in the VM, are none of ours.
        let in_vm = Thread::current().is_some_and(|t| t.state() != ThreadState::InNative);
        if !in_vm || std::thread::panicking() && REPORTER.load(Ordering::Relaxed) != 0 {
            default_hook(panic);
            return;
        }
        default_hook(panic);
        report(&Problem::Panic(panic));
        die();
    }));
}

/// What [`install`] was told.
pub fn identity() -> Option<&'static Identity> {
    IDENTITY.get()
}

/// Bytes of an alternate signal stack; the report needs less.
const ALTERNATE_STACK: usize = 64 << 10;

thread_local! {
    /// The alternate stack that `use_alternate_stack` installed, and what it replaced.
    static ALTERNATE: Cell<Option<(*mut c_void, libc::stack_t)>> = const { Cell::new(None) };
}

/// Gives the calling thread a signal stack, so that an overflow of its stack can be reported.
pub fn use_alternate_stack() {
    if ALTERNATE.get().is_some() {
        return;
    }
    // SAFETY: a fresh mapping becomes the thread's signal stack until `drop_alternate_stack`.
    unsafe {
        let memory = libc::mmap(
            std::ptr::null_mut(),
            ALTERNATE_STACK,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        if memory == libc::MAP_FAILED {
            return;
        }
        let stack = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: ALTERNATE_STACK };
        let mut old: libc::stack_t = std::mem::zeroed();
        if libc::sigaltstack(&stack, &mut old) == 0 {
            ALTERNATE.set(Some((memory, old)));
        } else {
            libc::munmap(memory, ALTERNATE_STACK);
        }
    }
}

/// Takes the signal stack away again.
pub fn drop_alternate_stack() {
    if let Some((memory, old)) = ALTERNATE.take() {
        // SAFETY: puts back what was there; then nothing uses the mapping.
        unsafe {
            libc::sigaltstack(&old, std::ptr::null_mut());
            libc::munmap(memory, ALTERNATE_STACK);
        }
    }
}

enum Problem<'a> {
    Signal { number: c_int, info: &'a libc::siginfo_t, context: &'a libc::ucontext_t },
    Panic(&'a std::panic::PanicHookInfo<'a>),
}

extern "C" fn on_fatal_signal(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    if Thread::current().is_none()
        && REPORTER.load(Ordering::Relaxed) == 0
        && call_previous(number, info, context)
    {
        return;
    }
    // SAFETY: the kernel passes both structures.
    let problem = unsafe { Problem::Signal { number, info: &*info, context: &*context.cast() } };
    report(&problem);
    die();
}

/// Hands a fault of a foreign thread to the handler that was installed before ours, if there was one.
fn call_previous(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) -> bool {
    let Some(previous) = PREVIOUS.get() else { return false };
    let Some(at) = SIGNALS.iter().position(|&s| s == number) else { return false };
    let old = &previous[at];
    if old.sa_sigaction == libc::SIG_DFL || old.sa_sigaction == libc::SIG_IGN {
        return false;
    }
    // SAFETY: the address of a handler with the signature that its flags tell.
    unsafe {
        if old.sa_flags & libc::SA_SIGINFO != 0 {
            let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
                std::mem::transmute(old.sa_sigaction);
            handler(number, info, context);
        } else {
            let handler: extern "C" fn(c_int) = std::mem::transmute(old.sa_sigaction);
            handler(number);
        }
    }
    true
}

fn die() -> ! {
    // SAFETY: ends the process with SIGABRT whatever handlers the program has.
    unsafe {
        libc::signal(libc::SIGABRT, libc::SIG_DFL);
        libc::abort()
    }
}

extern "C" fn on_timeout(_: c_int) {
    die();
}

/// Buffered output to a file descriptor, without allocation.
struct Out {
    fd: c_int,
    len: usize,
    buffer: [u8; 512],
}

impl Out {
    fn new(fd: c_int) -> Out {
        Out { fd, len: 0, buffer: [0; 512] }
    }
    fn bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.len == self.buffer.len() {
                self.flush();
            }
            let n = bytes.len().min(self.buffer.len() - self.len);
            self.buffer[self.len..self.len + n].copy_from_slice(&bytes[..n]);
            self.len += n;
            bytes = &bytes[n..];
        }
    }
    fn flush(&mut self) {
        let mut done = 0;
        while done < self.len {
            // SAFETY: inside the buffer.
            let n = unsafe { libc::write(self.fd, self.buffer[done..].as_ptr().cast(), self.len - done) };
            if n <= 0 {
                break;
            }
            done += n as usize;
        }
        self.len = 0;
    }
}

impl Write for Out {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.bytes(s.as_bytes());
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}

type Step = fn(&mut Out, &Problem<'_>) -> fmt::Result;
const STEPS: [Step; 14] = [
    banner,
    summary,
    current_thread,
    signal_info,
    registers,
    stack_and_code,
    native_frames,
    java_frames,
    panic_backtrace,
    threads,
    libraries,
    system,
    limits,
    end,
];

fn report(problem: &Problem<'_>) {
    let me = super::linux::current_tid();
    let first = match REPORTER.compare_exchange(0, me, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => true,
        Err(other) if other == me => false,
        Err(_) => loop {
            // Another thread reports and will end the process.
            // SAFETY: sleeps.
            unsafe { libc::pause() };
        },
    };
    // SAFETY: plain system calls.
    unsafe {
        if first {
            libc::signal(libc::SIGALRM, on_timeout as *const () as usize);
            libc::alarm(TIMEOUT);
        }
        let mut path = [0u8; 1024];
        let fd = open_log(&mut path);
        if first {
            let mut out = Out::new(libc::STDERR_FILENO);
            let _ = banner(&mut out, problem);
            if fd >= 0 {
                let name = CStr::from_bytes_until_nul(&path).unwrap_or(c"");
                let _ = out.write_str("# An error report file with more information is saved as:\n# ");
                out.bytes(name.to_bytes());
                let _ = out.write_str("\n#\n");
            } else {
                let _ = out.write_str("# Can not save log file, dump to screen..\n#\n");
            }
        }
        let fd = if fd >= 0 { fd } else { libc::STDERR_FILENO };
        loop {
            let step = STEP.fetch_add(1, Ordering::SeqCst);
            let Some(f) = STEPS.get(step as usize) else { break };
            let mut out = Out::new(fd);
            let _ = f(&mut out, problem);
        }
    }
}

/// Opens the log in the working directory, or else in /tmp; leaves the path in `path`.
fn open_log(path: &mut [u8; 1024]) -> c_int {
    let mut directory = [0u8; 768];
    // SAFETY: fills in the buffer, with a terminating NUL.
    let has_directory = unsafe { !libc::getcwd(directory.as_mut_ptr().cast(), directory.len()).is_null() };
    let directory =
        if has_directory { CStr::from_bytes_until_nul(&directory).unwrap_or(c"/tmp") } else { c"/tmp" };
    // SAFETY: a system call without arguments.
    let pid = unsafe { libc::getpid() };
    let given = IDENTITY.get().and_then(|i| i.error_file.as_deref());
    let candidates: [(&[u8], Option<&str>); 3] = [
        (b"", given),
        (directory.to_bytes(), Some("/hs_err_pid%p.log")),
        (b"/tmp", Some("/hs_err_pid%p.log")),
    ];
    for (prefix, rest) in candidates {
        let Some(rest) = rest else { continue };
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            let n = bytes.len().min(1023 - at);
            path[at..at + n].copy_from_slice(&bytes[..n]);
            at += n;
            path[at] = 0;
        };
        put(prefix);
        let mut parts = rest.split("%p");
        put(parts.next().unwrap_or("").as_bytes());
        for part in parts {
            let mut digits = [0u8; 12];
            put(decimal(pid as u32, &mut digits));
            put(part.as_bytes());
        }
        // A nested fault goes on writing at the end of the file.
        let truncate = if STEP.load(Ordering::Relaxed) == 0 { libc::O_TRUNC } else { 0 };
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC | truncate;
        // SAFETY: a terminated path.
        let fd = unsafe { libc::open(path.as_ptr().cast(), flags, 0o666) };
        if fd >= 0 {
            return fd;
        }
    }
    -1
}

fn decimal(mut n: u32, digits: &mut [u8; 12]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            return &digits[at..];
        }
    }
}

fn signal_name(number: c_int) -> &'static str {
    match number {
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        _ => "signal",
    }
}

/// "C  [libfoo.so+0x1234]  symbol+0x10".
fn code_address(out: &mut Out, pc: usize) -> fmt::Result {
    // SAFETY: fills in the structure with pointers to strings of the loader.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(pc as *const c_void, &mut info) == 0 || info.dli_fname.is_null() {
            return write!(out, "C  {pc:#018x}");
        }
        let file = CStr::from_ptr(info.dli_fname).to_bytes();
        let file = file.rsplit(|&b| b == b'/').next().unwrap_or(file);
        let ours = {
            let mut own: libc::Dl_info = std::mem::zeroed();
            libc::dladdr(code_address as *const () as *const c_void, &mut own) != 0
                && own.dli_fbase == info.dli_fbase
        };
        out.write_str(if ours { "V  [" } else { "C  [" })?;
        out.bytes(file);
        write!(out, "+{:#x}]", pc - info.dli_fbase as usize)?;
        if !info.dli_sname.is_null() {
            out.write_str("  ")?;
            out.bytes(CStr::from_ptr(info.dli_sname).to_bytes());
            write!(out, "+{:#x}", pc.wrapping_sub(info.dli_saddr as usize))?;
        }
    }
    Ok(())
}

fn banner(out: &mut Out, problem: &Problem<'_>) -> fmt::Result {
    // SAFETY: a system call without arguments.
    let pid = unsafe { libc::getpid() };
    let tid = super::linux::current_tid();
    out.write_str("#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n")?;
    match problem {
        Problem::Signal { number, context, .. } => {
            let pc = machine::context_pc(context);
            writeln!(
                out,
                "#  {} ({number:#x}) at pc={pc:#018x}, pid={pid}, tid={tid}",
                signal_name(*number)
            )?;
            if overflowed_stack(problem) {
                out.write_str("#\n#  Stack overflow in native code\n")?;
            }
        }
        Problem::Panic(panic) => {
            match panic.location() {
                Some(l) => {
                    writeln!(out, "#  Internal Error ({}:{}), pid={pid}, tid={tid}", l.file(), l.line())?
                }
                None => writeln!(out, "#  Internal Error, pid={pid}, tid={tid}")?,
            }
            if let Some(message) = panic.payload_as_str() {
                writeln!(out, "#  Error: {message}")?;
            }
        }
    }
    if let Some(i) = IDENTITY.get() {
        writeln!(out, "#\n# JRE version: {}\n# Java VM: {}", i.runtime, i.vm)?;
    }
    if let Problem::Signal { context, .. } = problem {
        out.write_str("# Problematic frame:\n# ")?;
        code_address(out, machine::context_pc(context))?;
        out.write_str("\n")?;
    }
    out.write_str("#\n")
}

/// Whether the fault lies just below the thread's stack.
fn overflowed_stack(problem: &Problem<'_>) -> bool {
    let Problem::Signal { number, info, context } = problem else { return false };
    let Some(t) = Thread::current() else { return false };
    // SAFETY: the kernel fills the address in for these signals.
    let address = unsafe { info.si_addr() } as usize;
    let near = |a: usize| a < t.native_limit.get() + 4096 && a + (1 << 20) > t.native_limit.get();
    matches!(*number, libc::SIGSEGV | libc::SIGBUS) && near(address) && near(machine::context_sp(context))
}

fn summary(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    out.write_str("\n---------------  S U M M A R Y ------------\n\n")?;
    if let Some(i) = IDENTITY.get() {
        writeln!(out, "Command Line: {}", i.command_line)?;
    }
    // SAFETY: fills in the buffers.
    unsafe {
        let now = libc::time(std::ptr::null_mut());
        let mut parts: libc::tm = std::mem::zeroed();
        libc::gmtime_r(&now, &mut parts);
        writeln!(
            out,
            "Time: {:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
            parts.tm_year + 1900,
            parts.tm_mon + 1,
            parts.tm_mday,
            parts.tm_hour,
            parts.tm_min,
            parts.tm_sec
        )?;
    }
    if let Some(t) = Thread::current() {
        writeln!(out, "elapsed time: {:.3} seconds", t.vm().started.elapsed().as_secs_f64())?;
    }
    Ok(())
}

fn current_thread(out: &mut Out, problem: &Problem<'_>) -> fmt::Result {
    out.write_str("\n---------------  T H R E A D  ---------------\n\n")?;
    let Some(t) = Thread::current() else { return out.write_str("Current thread is native thread\n") };
    let mut name = [0u8; 16];
    // SAFETY: fills in at most 16 bytes.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    write!(out, "Current thread ({:p}):  JavaThread \"", std::ptr::from_ref(t))?;
    out.bytes(CStr::from_bytes_until_nul(&name).unwrap_or(c"").to_bytes());
    let (low, base) = (t.native_limit.get(), t.native_base.get());
    writeln!(out, "\" [{}, id={}, stack({low:#018x},{base:#018x})]", state_name(t.state()), t.os_tid.get())?;
    if let Problem::Signal { context, .. } = problem {
        let sp = machine::context_sp(context);
        writeln!(
            out,
            "\nStack: [{low:#018x},{base:#018x}],  sp={sp:#018x},  free space={}k",
            sp.saturating_sub(low) >> 10
        )?;
    }
    Ok(())
}

fn state_name(state: ThreadState) -> &'static str {
    match state {
        ThreadState::InJava => "_thread_in_Java",
        ThreadState::InNative => "_thread_in_native",
        ThreadState::Blocked => "_thread_blocked",
        ThreadState::Off => "_thread_new",
    }
}

fn signal_info(out: &mut Out, problem: &Problem<'_>) -> fmt::Result {
    let Problem::Signal { number, info, .. } = problem else { return Ok(()) };
    // SAFETY: the kernel fills the address in for these signals.
    let address = unsafe { info.si_addr() };
    writeln!(
        out,
        "\nsiginfo: si_signo: {number} ({}), si_code: {}, si_addr: {:#018x}",
        signal_name(*number),
        info.si_code,
        address as usize
    )
}

fn registers(out: &mut Out, problem: &Problem<'_>) -> fmt::Result {
    let Problem::Signal { context, .. } = problem else { return Ok(()) };
    out.write_str("\nRegisters:\n")?;
    for (i, (name, value)) in machine::context_registers(context).iter().enumerate() {
        write!(out, "{name}={value:#018x}{}", if i % 4 == 3 { "\n" } else { ", " })?;
    }
    out.write_str("\n")
}

fn stack_and_code(out: &mut Out, problem: &Problem<'_>) -> fmt::Result {
    let Problem::Signal { context, .. } = problem else { return Ok(()) };
    let sp = machine::context_sp(context) & !15;
    writeln!(out, "\nTop of Stack: (sp={sp:#018x})")?;
    for line in 0..8 {
        let at = sp + line * 16;
        // SAFETY: best effort; a fault here ends this step.
        let (a, b) =
            unsafe { ((at as *const u64).read_volatile(), (at as *const u64).add(1).read_volatile()) };
        writeln!(out, "{at:#018x}:   {a:016x} {b:016x}")?;
    }
    let pc = machine::context_pc(context);
    write!(out, "\nInstructions: (pc={pc:#018x})\n{pc:#018x}:  ")?;
    for i in 0..16 {
        // SAFETY: as above.
        write!(out, " {:02x}", unsafe { (pc as *const u8).add(i).read_volatile() })?;
    }
    out.write_str("\n")
}

fn native_frames(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    out.write_str("\nNative frames: (C=native code, V=VM code)\n")?;
    let mut frames = [std::ptr::null_mut(); MAX_NATIVE_FRAMES];
    // SAFETY: fills in the array.
    let n = unsafe { libc::backtrace(frames.as_mut_ptr(), MAX_NATIVE_FRAMES as c_int) };
    for pc in &frames[..n.max(0) as usize] {
        code_address(out, *pc as usize)?;
        out.write_str("\n")?;
    }
    Ok(())
}

fn java_frames(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    let Some(t) = Thread::current() else { return Ok(()) };
    out.write_str("\nJava frames: (J=compiled Java code, j=interpreted, Vv=VM code)\n")?;
    for a in frames::walk(t).take(MAX_JAVA_FRAMES) {
        out.write_str("j  ")?;
        for &b in a.method.holder.name.bytes() {
            out.bytes(&[if b == b'/' { b'.' } else { b }]);
        }
        out.write_str(".")?;
        out.bytes(a.method.name.bytes());
        out.bytes(a.method.signature.symbol.bytes());
        writeln!(out, "+{}", a.bci.max(0))?;
    }
    Ok(())
}

fn panic_backtrace(out: &mut Out, problem: &Problem<'_>) -> fmt::Result {
    // Not inside a signal handler here: may allocate.
    if matches!(problem, Problem::Panic(_)) {
        writeln!(out, "\nVM backtrace:\n{}", std::backtrace::Backtrace::force_capture())?;
    }
    Ok(())
}

fn threads(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    let Some(t) = Thread::current() else { return Ok(()) };
    out.write_str(
        "\n---------------  P R O C E S S  ---------------\n\nJava Threads: ( => current thread )\n",
    )?;
    // The lock of the list may be held by whoever crashed: then there is no listing.
    t.vm()
        .threads
        .try_with_all(|all| {
            for x in all {
                let mark = if std::ptr::eq(*x, t) { "=>" } else { "  " };
                writeln!(
                    out,
                    "{mark}{:p} JavaThread [{}, id={}]",
                    *x,
                    state_name(x.state()),
                    x.os_tid.get()
                )?;
            }
            Ok(())
        })
        .unwrap_or(Ok(()))
}

fn copy_file(out: &mut Out, path: &CStr, limit: usize) {
    // SAFETY: a terminated path; reads into the buffer.
    unsafe {
        let fd = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if fd < 0 {
            return;
        }
        let mut buffer = [0u8; 1024];
        let mut total = 0;
        while total < limit {
            let n = libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len());
            if n <= 0 {
                break;
            }
            out.bytes(&buffer[..n as usize]);
            total += n as usize;
        }
        libc::close(fd);
    }
}

fn libraries(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    out.write_str("\nDynamic libraries:\n")?;
    copy_file(out, c"/proc/self/maps", 1 << 20);
    Ok(())
}

fn system(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    out.write_str("\n---------------  S Y S T E M  ---------------\n\nOS:\n")?;
    copy_file(out, c"/etc/os-release", 4096);
    out.write_str("uname: ")?;
    copy_file(out, c"/proc/version", 1024);
    out.write_str("\n/proc/meminfo:\n")?;
    copy_file(out, c"/proc/meminfo", 4096);
    Ok(())
}

fn limits(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    out.write_str("\nLimits:\n")?;
    copy_file(out, c"/proc/self/limits", 4096);
    out.write_str("\nload average: ")?;
    copy_file(out, c"/proc/loadavg", 256);
    Ok(())
}

fn end(out: &mut Out, _: &Problem<'_>) -> fmt::Result {
    out.write_str("\nEND.\n")
}
