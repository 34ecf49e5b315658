//! The attach mechanism: how `jcmd`, `jstack` and others reach a running VM (`com.sun.tools.attach` on Linux).
//!
//! A tool makes the file `.attach_pidN` in the VM's working directory or in `/tmp` and sends SIGQUIT. The VM answers
//! by opening the socket `/tmp/.java_pidN`, where it takes commands from then on. Nothing of it exists before somebody
//! asks.

mod commands;
mod protocol;

use crate::state;
use caturra_kernel::runtime::safepoint::NativeScope;
use caturra_kernel::runtime::{exceptions, thread_list};
use caturra_kernel::{Thread, Vm};
use parking_lot::Mutex;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

/// How often the listener looks whether the VM ends, in milliseconds.
const LOOK: i32 = 500;
const PRIORITY: i32 = 9;

/// Whether the listener runs, and where.
#[derive(Default)]
pub(crate) struct Attach {
    socket: Mutex<Option<PathBuf>>,
}

fn socket_path() -> PathBuf {
    PathBuf::from(format!("/tmp/.java_pid{}", std::process::id()))
}

/// Whether a tool of this user has left its mark.
fn is_marked() -> bool {
    let name = format!(".attach_pid{}", std::process::id());
    [PathBuf::from(&name), PathBuf::from("/tmp").join(&name)].iter().any(|mark| {
        // SAFETY: a plain call.
        std::fs::metadata(mark).is_ok_and(|m| m.uid() == unsafe { libc::geteuid() })
    })
}

/// What SIGQUIT means: true when a tool is about to attach and no thread dump is wanted.
pub(crate) fn requested(t: &Thread) -> bool {
    if t.vm().options.disable_attach {
        return false;
    }
    let running = state(t.vm()).attach.socket.lock().clone();
    match running {
        // Somebody has cleaned up `/tmp`: open it again.
        Some(path) if !path.exists() => start(t),
        Some(_) => false,
        None => is_marked() && start(t),
    }
}

/// Opens the socket and starts the thread that serves it.
pub(crate) fn start(t: &Thread) -> bool {
    let Ok(listener) = open() else { return false };
    *state(t.vm()).attach.socket.lock() = Some(socket_path());
    let started = thread_list::start_vm_thread_with(
        t,
        "Attach Listener",
        PRIORITY,
        Box::new(move |t| serve(t, &listener)),
    );
    if started.is_err() {
        exceptions::take_pending(t);
        close(t.vm());
    }
    started.is_ok()
}

/// Removes the socket.
pub(crate) fn close(vm: &Vm) {
    if let Some(path) = state(vm).attach.socket.lock().take() {
        // Where it is gone already, nothing is to be done.
        let _ = std::fs::remove_file(path);
    }
}

/// A socket that only this user can reach appears under its final name when it is ready.
fn open() -> io::Result<UnixListener> {
    let path = socket_path();
    let unready = path.with_extension("tmp");
    let _ = std::fs::remove_file(&unready);
    let listener = UnixListener::bind(&unready)?;
    listener.set_nonblocking(true)?;
    std::fs::set_permissions(&unready, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&unready, &path)?;
    Ok(listener)
}

/// Waits for the next tool; `None` when there is nobody, for now.
fn accept(t: &Thread, listener: &UnixListener) -> Option<UnixStream> {
    let _native = NativeScope::enter(t);
    let mut poll = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one valid structure.
    if unsafe { libc::poll(&mut poll, 1, LOOK) } <= 0 {
        return None;
    }
    let (stream, _) = listener.accept().ok()?;
    stream.set_nonblocking(false).ok()?;
    protocol::is_trusted(&stream).then_some(stream)
}

fn serve(t: &Thread, listener: &UnixListener) {
    while !t.is_ending() {
        let Some(mut stream) = accept(t, listener) else { continue };
        let request = {
            let _native = NativeScope::enter(t);
            protocol::read(&mut stream)
        };
        let reply = match request {
            Ok(request) => commands::run(t, &request),
            Err(protocol::Refused::Version) => protocol::Reply::bad_version(),
            Err(protocol::Refused::Broken) => continue,
        };
        let _native = NativeScope::enter(t);
        // A tool that does not wait for its answer has gone: nobody is to be told.
        let _ = protocol::write(&mut stream, &reply);
    }
}
