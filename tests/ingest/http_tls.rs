//! https: certificates that are not to be trusted, connections that end without saying so.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::support::http::{Answer, Server, Stream};
use super::support::{stage, write};
use super::{GUARD, raw, remote, snapshots};

/// An authority of our own, and its certificate in a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn file(&self, folder: &TempDir) -> PathBuf {
        let path = folder.path().join("authorities.pem");
        write(&path, &self.pem);
        path
    }

    /// A certificate for `host`, valid until the end of `last_year`.
    fn certify(&self, host: &str, last_year: i32) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.der().clone(), key }
    }
}

struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn self_signed(host: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().self_signed(&key).unwrap();
    Identity { certificate: certificate.der().clone(), key }
}

/// A connection that says when it ends, unless `is_cut`.
struct Encrypted {
    stream: StreamOwned<ServerConnection, TcpStream>,
    is_cut: bool,
}

impl std::io::Read for Encrypted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.stream.read(out)
    }
}

impl std::io::Write for Encrypted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        if !self.is_cut {
            self.stream.conn.send_close_notify();
            let _ = self.stream.conn.write_tls(&mut self.stream.sock);
        }
    }
}

fn start(identity: &Identity, answers: Vec<Answer>, is_cut: bool) -> Server {
    let key = PrivateKeyDer::Pkcs8(identity.key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    Server::serve("https", &listener, answers, move |mut stream| {
        let mut conn = ServerConnection::new(Arc::clone(&config)).ok()?;
        conn.complete_io(&mut stream).ok()?;
        Some(Box::new(Encrypted { stream: StreamOwned::new(conn, stream), is_cut }) as Box<dyn Stream>)
    })
}

fn ingest(folder: &TempDir, authorities: &std::path::Path) -> Assert {
    let mut command = stage("ingest");
    command.env("SSL_CERT_FILE", authorities).timeout(GUARD);
    command.arg("--project").arg(folder.path()).assert()
}

#[test]
fn a_certificate_of_a_known_authority_is_trusted() {
    let authority = Authority::new();
    let server = start(&authority.certify("127.0.0.1", 9000), vec![Answer::ok("x\n1\n")], false);
    let folder = remote(&server.url("/a.csv"), "retries = 0");
    ingest(&folder, &authority.file(&folder)).success();
    assert_eq!(raw(&folder), "x\n1\n");
}

#[test]
fn a_certificate_that_is_self_signed_expired_or_of_another_name_is_refused_at_once() {
    let authority = Authority::new();
    for (identity, said) in [
        (self_signed("127.0.0.1"), "invalid peer certificate"),
        (Authority::new().certify("127.0.0.1", 9000), "invalid peer certificate"),
        (authority.certify("127.0.0.1", 2020), "certificate expired"),
        (authority.certify("example.org", 9000), "not valid for name"),
    ] {
        let server = start(&identity, vec![Answer::ok("x\n1\n")], false);
        let folder = remote(&server.url("/a.csv"), "");
        let failed = ingest(&folder, &authority.file(&folder)).code(21);
        failed.stderr(
            predicate::str::contains("/a.csv: no trusted connection: ").and(predicate::str::contains(said)),
        );
        assert!(server.requests().is_empty(), "nothing is asked of a server that is not trusted");
        assert!(snapshots(&folder).is_empty());
    }
    // Without authorities of one's own, the public ones are trusted and no others.
    let server = start(&authority.certify("127.0.0.1", 9000), vec![Answer::ok("x\n1\n")], false);
    super::refused(&remote(&server.url("/a.csv"), ""), 21, "no trusted connection: ");
}

#[test]
fn a_connection_cut_without_notice_ends_no_body() {
    let authority = Authority::new();
    let identity = authority.certify("127.0.0.1", 9000);
    let chunked =
        |body: &str| Answer::raw(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
    for (answer, code) in [
        // Nobody can tell whether this is all.
        (Answer::raw("HTTP/1.1 200 OK\r\n\r\nx\n1\n"), 21),
        (Answer::ok("x\n1\n").length(9), 20),
        (Answer::ok("x\n1\n").cut(3), 20),
        (chunked("4\r\nx\n1\n\r\n"), 20),
        // All that was announced came.
        (Answer::ok("x\n1\n"), 0),
        (chunked("4\r\nx\n1\n\r\n0\r\n\r\n"), 0),
    ] {
        let server = start(&identity, vec![answer], true);
        let folder = remote(&server.url("/a.csv"), "retries = 0");
        ingest(&folder, &authority.file(&folder)).code(code);
        assert_eq!(snapshots(&folder).len(), usize::from(code == 0));
    }
}

#[test]
fn a_redirect_from_https_to_http_is_refused() {
    let authority = Authority::new();
    let plain = Server::start(vec![Answer::ok("x\n1\n")]);
    let moved = Answer::status(302).header("Location", &plain.url("/b.csv"));
    let secure = start(&authority.certify("127.0.0.1", 9000), vec![moved], false);
    let folder = remote(&secure.url("/a.csv"), "");
    let failed = ingest(&folder, &authority.file(&folder)).code(21);
    failed.stderr(predicate::str::contains("redirects from https to an address without encryption"));
    assert!(plain.requests().is_empty());
    // The other way is open.
    let secure = start(&authority.certify("127.0.0.1", 9000), vec![Answer::ok("x\n1\n")], false);
    let plain = Server::start(vec![Answer::status(301).header("Location", &secure.url("/b.csv"))]);
    let folder = remote(&plain.url("/a.csv"), "");
    ingest(&folder, &authority.file(&folder)).success();
}

#[test]
fn authorities_that_are_none_are_a_usage_error() {
    let folder = remote("https://127.0.0.1:9/a.csv", "");
    let path = folder.path().join("none.pem");
    ingest(&folder, &path).code(2).stderr(predicate::str::contains("SSL_CERT_FILE: no such file"));
    write(&path, "no certificate\n");
    ingest(&folder, &path).code(2).stderr(predicate::str::contains("holds no certificate in PEM form"));
}
