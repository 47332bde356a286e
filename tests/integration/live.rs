//! The `--live` option: what the machine decides, and that it is left unchanged.
//!
//! Only contacts the loopback interface.

use crate::program::{CONFIG, Folder, Ran};
use serde_json::Value as Json;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Two lines, so that positions are easy to count.
const BASE: &str = "General:\n  ConfigurationVersion: 2\n";
const SECRET: &str = "a-code-that-nobody-may-read";

/// A free port below the ephemeral range, different for each test.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(21_000);
    loop {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
}

fn free_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}

/// Two listeners; the one for incoming traffic has this address.
fn network(address: &str) -> String {
    format!("{BASE}Network:\n  ListenAddr: {address}\n  PeerListenAddr: 127.0.0.1:0\n")
}

fn redis(address: SocketAddr, more: &str) -> String {
    format!(
        "{}PeerManagement:\n  Type: redis\nRedisPeerManagement:\n  Host: {address}\n{more}",
        network("127.0.0.1:0")
    )
}

fn with_code(address: SocketAddr) -> String {
    redis(address, &format!("  AuthCode: {SECRET}\n"))
}

fn run(config: &str, arguments: &[&str]) -> Ran {
    let folder = Folder::new(&[("config.yaml", config)]);
    folder.run(&[arguments, &["-c", "config.yaml"]].concat())
}

/// The JSON report of `check`, and the exit status.
fn check(config: &str, arguments: &[&str]) -> (Json, i32) {
    let ran = run(config, &[&["check", "--output-format", "json"], arguments].concat());
    assert!(!ran.output.contains(SECRET) && !ran.errors.contains(SECRET), "{}", ran.output);
    let report = serde_json::from_str(&ran.output).expect("JSON");
    let schema =
        serde_json::from_str(include_str!("../../schemas/report.schema.json")).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &report), "{report:#}");
    (report, ran.status)
}

fn start_up(report: &Json) -> &str {
    report["deployments"][0]["verdicts"][0]["start_up"].as_str().expect("a word")
}

/// Findings that depend on the machine, with their lines.
fn found(report: &Json) -> Vec<(&str, u64)> {
    let findings = report["deployments"][0]["findings"].as_array().expect("findings");
    let place = |f: &Json| f["labels"][0]["start"]["line"].as_u64().unwrap_or(0);
    let all = findings.iter().map(|f| (f["check"].as_str().expect("an id"), place(f)));
    let is_of_machine = |id: &str| id.starts_with("start/") || id.starts_with("reload/");
    all.filter(|(id, _)| is_of_machine(id) || *id == "peers/redis-unreachable").collect()
}

/// `act what: outcome` of everything that was probed, except what was only read.
fn done(report: &Json) -> Vec<String> {
    let text = |touch: &Json, key: &str| touch[key].as_str().expect("a text").to_owned();
    let all = report["touched"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = all.iter().map(|touch| {
        format!("{} {}: {}", text(touch, "act"), text(touch, "what"), text(touch, "outcome"))
    });
    lines.filter(|line| !line.starts_with("read ")).collect()
}

/// A server that accepts one connection, reads and answers once, or closes immediately.
fn serve(reply: Option<&'static str>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let Some(reply) = reply else { return String::new() };
        let mut buffer = [0; 512];
        let read = stream.read(&mut buffer).unwrap();
        stream.write_all(reply.as_bytes()).unwrap();
        // Waits until the client is gone.
        while stream.read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    });
    (address, server)
}

#[test]
fn a_used_port_fails_at_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let config = network(&address.to_string());
    let (report, status) = check(&config, &["--live"]);
    assert_eq!((start_up(&report), status), ("never-ready", 1));
    assert_eq!(found(&report), [("start/cannot-listen", 4), ("reload/fails-at-restart", 4)]);
    assert!(done(&report).contains(&format!("bind {address}: address in use")), "{report:#}");
    // Without `--live` the port is unknown.
    let (report, status) = check(&config, &[]);
    assert_eq!((start_up(&report), status), ("ready", 0));
    assert_eq!(report.get("touched"), None);
}

#[test]
fn a_port_used_on_one_address_is_used_for_all() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for host in ["0.0.0.0", "[::]", "localhost", ""] {
        let (report, _) = check(&network(&format!("'{host}:{port}'")), &["--live"]);
        assert_eq!(start_up(&report), "never-ready", "{host}: {report:#}");
    }
}

#[test]
fn a_free_port_is_ready_and_closed_again() {
    let address = free_address().to_string();
    let (report, status) = check(&network(&address), &["--live", "--refinery", "2.7,2.9,3.0,3.2"]);
    assert_eq!((start_up(&report), status), ("ready", 0), "{report:#}");
    let expected = [
        format!("bind {address}: free, closed again"),
        "bind 127.0.0.1:0: free, closed again".into(),
    ];
    assert_eq!(done(&report), expected, "each question is asked once for all releases");
    TcpListener::bind(&address).expect("the port is free again");
}

/// Connections of a closed listener stay in `TIME_WAIT`; Go can still listen.
#[test]
fn a_port_with_waiting_connections_is_free() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut caller = TcpStream::connect(address).unwrap();
    let (served, _) = listener.accept().unwrap();
    // The side that closes first enters TIME_WAIT.
    drop((served, listener));
    assert_eq!(caller.read(&mut [0]).unwrap(), 0);
    drop(caller);
    let (report, _) = check(&network(&address.to_string()), &["--live"]);
    assert_eq!(start_up(&report), "ready", "{report:#}");
}

#[test]
fn an_address_of_another_machine_fails() {
    // Reserved for documentation.
    let (report, _) = check(&network("203.0.113.1:8080"), &["--live"]);
    assert_eq!(found(&report)[0], ("start/cannot-listen", 4));
    let (report, status) = check(&network("203.0.113.1:8080"), &[]);
    assert_eq!((start_up(&report), status), ("depends", 0));
}

#[test]
fn grpc_and_metrics_are_listeners_too() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let with = |group: &str| {
        let listener = format!("{group}:\n  Enabled: true\n  ListenAddr: {address}\n");
        check(&(network("127.0.0.1:0") + &listener), &["--live"])
    };
    let (report, _) = with("GRPCServerParameters");
    assert_eq!((start_up(&report), found(&report)[0]), ("never-ready", ("start/cannot-listen", 8)));
    let (report, _) = with("PrometheusMetrics");
    assert_eq!((start_up(&report), found(&report)[0]), ("ready", ("start/cannot-listen", 8)));
}

#[test]
fn an_unknown_interface_fails_and_a_known_one_names_the_node() {
    let config = |name: &str| {
        let identity = format!("PeerManagement:\n  IdentifierInterfaceName: {name}\n");
        network("127.0.0.1:0") + &identity
    };
    let (report, _) = check(&config("no-such-thing0"), &["--live"]);
    assert_eq!(found(&report)[0], ("start/unknown-interface", 7));
    if cfg!(target_os = "linux") {
        let ran = run(&config("lo"), &["rehearse", "--live", "--output-format", "json"]);
        let walked: Json = serde_json::from_str(&ran.output).unwrap();
        let stages = walked["stages"].as_array().unwrap();
        let peers = stages.iter().find(|stage| stage["stage"] == "peers").unwrap();
        assert_eq!(peers["decided"]["announced as"], "127.0.0.1");
    }
}

#[test]
fn start_up_succeeds_if_redis_accepts() {
    let (address, server) = serve(Some("+OK\r\n"));
    let (report, status) = check(&with_code(address), &["--live"]);
    assert_eq!((start_up(&report), status), ("ready", 0), "{report:#}");
    assert!(done(&report).contains(&format!("dial {address}: accepted")), "{report:#}");
    let length = SECRET.len();
    assert_eq!(server.join().unwrap(), format!("*2\r\n$4\r\nAUTH\r\n${length}\r\n{SECRET}\r\n"));
}

#[test]
fn start_up_fails_if_redis_rejects_the_auth_code() {
    // Redis never sends this, but another server might.
    let (address, server) = serve(Some("-WRONGPASS a-code-that-nobody-may-read\r\n"));
    let (report, status) = check(&with_code(address), &["--live"]);
    assert_eq!((start_up(&report), status), ("never-ready", 1));
    assert_eq!(found(&report)[0], ("start/redis-required", 10));
    assert!(done(&report).contains(&format!("dial {address}: rejected, WRONGPASS")), "{report:#}");
    server.join().unwrap();
}

#[test]
fn a_missing_redis_fails_start_up_only_if_required() {
    let address = free_address();
    let (report, _) = check(&with_code(address), &["--live"]);
    assert_eq!(
        (start_up(&report), found(&report)[0]),
        ("never-ready", ("start/redis-required", 9))
    );
    let (report, status) = check(&redis(address, ""), &["--live"]);
    assert_eq!((start_up(&report), status), ("ready", 0));
    assert_eq!(found(&report), [("peers/redis-unreachable", 9)]);
    let (report, _) = check(&redis(address, ""), &["--live", "--refinery", "2.6"]);
    assert_eq!(
        (start_up(&report), found(&report)[0]),
        ("never-ready", ("start/redis-required", 9))
    );
}

#[test]
fn does_not_wait_for_a_silent_redis() {
    let (address, server) = serve(None);
    let (report, _) = check(&with_code(address), &["--live"]);
    assert_eq!(found(&report)[0].0, "start/redis-required");
    server.join().unwrap();

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let begun = Instant::now();
    let (report, _) = check(&with_code(silent.local_addr().unwrap()), &["--live"]);
    assert_eq!(found(&report)[0].0, "start/redis-required");
    assert!(done(&report)[0].ends_with("connected, timed out"), "{report:#}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn redis_with_tls_is_undecided_unless_unreachable() {
    let tls = |address| with_code(address) + "  UseTLS: true\n";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (report, status) = check(&tls(address), &["--live"]);
    assert_eq!((start_up(&report), status), ("depends", 0), "{report:#}");
    assert_eq!(start_up(&check(&tls(free_address()), &["--live"]).0), "never-ready");
}

#[test]
fn does_not_connect_without_the_flag() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let config = with_code(listener.local_addr().unwrap());
    let calls = || listener.accept().map(drop).map_err(|error| error.kind());
    for arguments in
        [&["check"] as &[&str], &["rehearse"], &["effective"], &["effective", "--live"]]
    {
        run(&config, arguments);
        assert_eq!(calls(), Err(ErrorKind::WouldBlock), "{arguments:?}");
    }
    run(&config, &["rehearse", "--live"]);
    assert_eq!(calls(), Ok(()));
}

#[test]
fn uses_the_environment_of_the_process() {
    let address = free_address().to_string();
    let folder = Folder::new(&[("config.yaml", &network("\"${ADDRESS}\""))]);
    let mut command =
        folder.command(&["rehearse", "-c", "config.yaml", "--live", "--output-format", "json"]);
    command.env("ADDRESS", &address).env("GOMAXPROCS", "77");
    let ran = Ran::of(command);
    let walked: Json = serde_json::from_str(&ran.output).unwrap();
    assert_eq!((&walked["stops_at"], ran.status), (&Json::Null, 0), "{}", ran.output);
    assert!(done(&walked).contains(&format!("bind {address}: free, closed again")), "{walked:#}");
    let stages = walked["stages"].as_array().unwrap();
    let collector = stages.iter().find(|stage| stage["stage"] == "collector").unwrap();
    assert_eq!(collector["decided"]["workers"], "77");
}

#[test]
fn the_human_report_lists_what_was_probed() {
    let address = free_address().to_string();
    for command in ["check", "rehearse"] {
        let ran = run(&network(&address), &[command, "--live"]);
        let line = format!("· bind {address}: free, closed again\n");
        assert!(ran.output.contains(&line), "{command}: {}", ran.output);
        assert!(ran.output.contains("· read interfaces: "), "{command}: {}", ran.output);
    }
}

#[test]
fn live_conflicts_with_a_machine_file() {
    let folder = Folder::new(&[("config.yaml", CONFIG), ("machine.toml", "")]);
    let ran = folder.run(&["check", "-c", "config.yaml", "--live", "--machine", "machine.toml"]);
    assert_eq!(ran.status, 2);
    assert!(ran.errors.contains("--machine"), "{}", ran.errors);
}

#[test]
fn a_certificate_is_looked_for_at_its_path() {
    let config = format!(
        "{}OTelMetrics:\n  Enabled: true\n  APIHost: http://127.0.0.1:9\n",
        network("127.0.0.1:0")
    );
    let folder = Folder::new(&[
        ("ca.pem", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"),
        ("empty.pem", ""),
    ]);
    let start_of = |file: &str| {
        let path = folder.path().join(file);
        let variable = format!("OTEL_EXPORTER_OTLP_CERTIFICATE={}", path.display());
        let (report, _) = check(&config, &["--live", "--refinery", "3.2.2", "--env", &variable]);
        start_up(&report).to_owned()
    };
    assert_eq!(start_of("ca.pem"), "never-ready");
    assert_eq!(start_of("empty.pem"), "ready");
    assert_eq!(start_of("missing.pem"), "ready");
}

#[test]
fn a_known_machine_decides_how_many_workers_it_can_run() {
    let of = |workers: u32| {
        let text = format!("{BASE}Collection:\n  WorkerCount: {workers}\n  MaxAlloc: 3Gb\n");
        let folder = Folder::new(&[("config.yaml", &text), ("machine.toml", "cores = 2\n")]);
        let arguments = ["check", "--machine", "machine.toml", "--output-format", "json"];
        let ran = folder.run(&[&arguments[..], &["-c", "config.yaml"]].concat());
        start_up(&serde_json::from_str(&ran.output).expect("JSON")).to_owned()
    };
    assert_eq!(of(1500), "ready");
    assert_eq!(of(1501), "never-ready");
}

#[test]
#[cfg(target_os = "linux")]
fn the_kernel_decides_about_large_queues() {
    // Beyond the memory of any machine that runs this test, and below what every machine refuses.
    let config = format!(
        "{}Collection:\n  WorkerCount: 1\n  IncomingQueueSize: 2000000000000\n",
        network("127.0.0.1:0")
    );
    let mode = std::fs::read_to_string("/proc/sys/vm/overcommit_memory").unwrap_or_default();
    let expected = match mode.trim() {
        "0" => "never-ready",
        "1" => "ready",
        _ => "depends",
    };
    let (report, _) = check(&config, &["--live"]);
    assert_eq!(start_up(&report), expected);
}
