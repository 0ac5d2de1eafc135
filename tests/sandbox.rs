//! Breaking out of the sandbox, from inside: the test runs itself again in a process of its own, which
//! locks itself in and then tries what a break-in would.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use svg_ai::Code;
use svg_ai::sandbox::{Paths, enter};

/// Where the inner test finds its folder; unset, it has nothing to do.
const FOLDER: &str = "SVG_AI_TEST_SANDBOX_FOLDER";

/// A folder with what may be read, what may be written, and what is none of the process's business.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("in/picture", "readable"), ("out/old", "old"), ("secret/key", "secret")] {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    std::os::unix::fs::symlink(dir.path().join("secret/key"), dir.path().join("in/link")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("secret"), dir.path().join("out/link")).unwrap();
    dir
}

#[test]
fn nothing_gets_out() {
    let dir = folder();
    // Something to talk to, and somebody to end, were it possible.
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let unix = UnixListener::bind(dir.path().join("secret/socket")).unwrap();
    let port = tcp.local_addr().unwrap().port().to_string();
    // Everything that is tried works outside; else its failing inside would say nothing.
    attempts(dir.path(), &port).into_iter().for_each(|(what, tried)| assert!(tried.is_ok(), "{what}: {tried:?}"));
    drop((fs::remove_file(dir.path().join("made")), fs::remove_dir(dir.path().join("folder"))));
    fs::write(dir.path().join("secret/key"), "secret").unwrap();
    fs::write(dir.path().join("in/picture"), "readable").unwrap();

    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inside", "--ignored", "--nocapture", "--test-threads=1"])
        .env(FOLDER, dir.path())
        .env("SVG_AI_TEST_SANDBOX_PORT", &port)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{text}");
    assert!(text.contains("every attempt was refused") && text.contains("1 passed"), "{text}");
    assert_eq!(fs::read_to_string(dir.path().join("secret/key")).unwrap(), "secret");
    assert_eq!(fs::read_to_string(dir.path().join("in/picture")).unwrap(), "readable");
    assert_eq!(fs::read_to_string(dir.path().join("out/new/file")).unwrap(), "written");
    drop(unix);
}

/// What a break-in would try. Each works without a sandbox.
fn attempts(dir: &Path, port: &str) -> Vec<(&'static str, io::Result<()>)> {
    let at = |name: &str| -> PathBuf { dir.join(name) };
    let address = format!("127.0.0.1:{port}");
    vec![
        ("read a file beside", fs::read(at("secret/key")).map(drop)),
        ("read through a link among the inputs", fs::read(at("in/link")).map(drop)),
        ("read through a link among the outputs", fs::read(at("out/link/key")).map(drop)),
        ("read the users", fs::read("/etc/passwd").map(drop)),
        ("read another process", fs::read("/proc/1/status").map(drop)),
        ("list the root", fs::read_dir("/").map(drop)),
        ("write beside", fs::write(at("made"), "x")),
        ("write over a file beside", fs::write(at("secret/key"), "x")),
        ("write over an input", fs::write(at("in/picture"), "x")),
        ("make a folder beside", fs::create_dir(at("folder"))),
        ("connect by TCP", TcpStream::connect(&address).map(drop)),
        ("listen on TCP", TcpListener::bind("127.0.0.1:0").map(drop)),
        ("send by UDP", UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("connect to a socket file", UnixStream::connect(at("secret/socket")).map(drop)),
        ("a pair of sockets", UnixStream::pair().map(drop)),
        ("run a program", Command::new("/bin/true").status().map(drop)),
    ]
}

#[test]
#[ignore = "run by `nothing_gets_out`, in a process of its own"]
fn inside() {
    let (Some(dir), Some(port)) = (std::env::var_os(FOLDER), std::env::var_os("SVG_AI_TEST_SANDBOX_PORT")) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let at = |name: &str| dir.join(name);
    let paths = Paths { read: vec![at("in"), at("in/gone")], write: vec![at("out")] };
    match enter(&paths) {
        Ok(()) => {}
        // A kernel without Landlock: the refusal to go on is what is promised.
        Err(e) if e.code() == Code::SandboxUnavailable => panic!("no sandbox on this machine: {e}"),
        Err(e) => panic!("{e}"),
    }

    for (what, tried) in attempts(&dir, &port.to_string_lossy()) {
        let error = tried.expect_err(what);
        assert!(matches!(error.kind(), ErrorKind::PermissionDenied), "{what}: {error:?}");
    }
    // What a run needs goes on.
    assert_eq!(fs::read_to_string(at("in/picture")).unwrap(), "readable");
    fs::create_dir(at("out/new")).unwrap();
    svg_ai::output::write_atomically(&at("out/new/file"), b"written").unwrap();
    svg_ai::output::write_atomically(&at("out/old"), b"new").unwrap();
    assert_eq!(std::thread::spawn(|| 41 + 1).join().unwrap(), 42);
    // A thread that is started later is in it as well.
    let (key, socket) = std::thread::spawn({
        let key = at("secret/key");
        move || (fs::read(key).is_err(), UdpSocket::bind("127.0.0.1:0").is_err())
    })
    .join()
    .unwrap();
    assert!(key && socket);
    println!("every attempt was refused");
}

#[test]
fn a_folder_to_write_in_has_to_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths { read: Vec::new(), write: vec![dir.path().join("gone")] };
    assert_eq!(enter(&paths).unwrap_err().code(), Code::SandboxUnavailable);
}
