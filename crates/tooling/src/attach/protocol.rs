//! What goes over the attach socket: a request is the version "1", a command and three arguments, each ended by NUL;
//! the reply is a status number in a line, then text.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

const VERSION: &str = "1";
const ARGUMENTS: usize = 3;
const LONGEST_COMMAND: usize = 16;
const LONGEST_ARGUMENT: usize = 1024;
/// Of a request with all its terminators.
const LONGEST: usize = 8 + 1 + LONGEST_COMMAND + 1 + ARGUMENTS * (LONGEST_ARGUMENT + 1);
const PATIENCE: Duration = Duration::from_secs(10);
/// Status of a request in another version.
const BAD_VERSION: i32 = 101;

/// A command with its arguments, empty where none is given.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub command: String,
    pub arguments: [String; ARGUMENTS],
}

/// Status (0 is good) and text.
pub struct Reply {
    pub status: i32,
    pub text: Vec<u8>,
}

impl Reply {
    pub fn good(text: impl Into<Vec<u8>>) -> Reply {
        Reply { status: 0, text: text.into() }
    }
    pub fn bad(text: impl Into<Vec<u8>>) -> Reply {
        Reply { status: -1, text: text.into() }
    }
    pub fn bad_version() -> Reply {
        Reply { status: BAD_VERSION, text: Vec::new() }
    }
}

/// Why a request is not served.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    Version,
    Broken,
}

/// Whether the other end runs for the same user and group, or for root.
pub fn is_trusted(stream: &UnixStream) -> bool {
    // SAFETY: the structure is filled in; its size is told.
    unsafe {
        let mut peer: libc::ucred = std::mem::zeroed();
        let mut size = size_of::<libc::ucred>() as libc::socklen_t;
        let known = libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &mut size,
        ) == 0;
        known && (peer.uid == 0 || peer.uid == libc::geteuid() && peer.gid == libc::getegid())
    }
}

/// Reads a request.
///
/// # Errors
/// [`Refused`].
pub fn read(stream: &mut UnixStream) -> Result<Request, Refused> {
    stream.set_read_timeout(Some(PATIENCE)).map_err(|_| Refused::Broken)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    while bytes.iter().filter(|b| **b == 0).count() < 2 + ARGUMENTS {
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 && bytes.len() + n <= LONGEST => bytes.extend_from_slice(&buffer[..n]),
            _ => return Err(Refused::Broken),
        }
        if bytes.contains(&0) && !bytes.starts_with(b"1\0") {
            return Err(Refused::Version);
        }
    }
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<Request, Refused> {
    let mut parts = bytes.split(|b| *b == 0).map(|p| String::from_utf8_lossy(p).into_owned());
    let mut next = |longest: usize| parts.next().filter(|p| p.len() <= longest).ok_or(Refused::Broken);
    if next(8)? != VERSION {
        return Err(Refused::Version);
    }
    let command = next(LONGEST_COMMAND)?;
    let mut arguments = <[String; ARGUMENTS]>::default();
    for argument in &mut arguments {
        *argument = next(LONGEST_ARGUMENT)?;
    }
    Ok(Request { command, arguments })
}

/// Writes a reply.
///
/// # Errors
/// When the other end has gone, or does not read.
pub fn write(stream: &mut UnixStream, reply: &Reply) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{}\n", reply.status).as_bytes())?;
    stream.write_all(&reply.text)?;
    stream.shutdown(std::net::Shutdown::Both)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(bytes: &[u8]) -> Result<Request, Refused> {
        let (mut a, mut b) = UnixStream::pair().unwrap();
        a.write_all(bytes).unwrap();
        drop(a);
        read(&mut b)
    }

    #[test]
    fn a_request_has_a_command_and_three_arguments() {
        let request = sent(b"1\0jcmd\0VM.version\0\0\0").unwrap();
        assert_eq!(request.command, "jcmd");
        assert_eq!(request.arguments, ["VM.version".to_string(), String::new(), String::new()]);
    }

    #[test]
    fn others_are_refused() {
        assert_eq!(sent(b"2\0jcmd\0\0\0\0"), Err(Refused::Version));
        assert_eq!(sent(b"1\0jcmd\0"), Err(Refused::Broken));
        assert_eq!(sent(b"1\0commandthatistoolong\0\0\0\0"), Err(Refused::Broken));
        assert_eq!(sent(&[b'x'; 5000]), Err(Refused::Broken));
    }

    #[test]
    fn own_processes_are_trusted() {
        let (a, _b) = UnixStream::pair().unwrap();
        assert!(is_trusted(&a));
    }
}
