//! Bodies that are not the file: cut, too long, of no known length, of another kind, in another encoding.

use std::io::Write as _;

use super::support::http::{Answer, Server};
use super::support::write;
use super::{ingest, json, log, raw, refused, remote, snapshots};

const TABLE: &str = "x,y\n1,2\n3,4\n";

/// One project for one answer.
fn answered(answer: Answer, section: &str) -> (Server, tempfile::TempDir) {
    let server = Server::start(vec![answer]);
    let folder = remote(&server.url("/a.csv"), section);
    (server, folder)
}

fn kept_nothing(folder: &tempfile::TempDir) {
    assert!(snapshots(folder).is_empty(), "{:?}", snapshots(folder));
    assert!(!folder.path().join("sources.lock").exists());
}

#[test]
fn a_connection_cut_anywhere_starts_again_from_the_first_byte() {
    // The next answer is of another version, so that two joined would be seen.
    let next = "x,y\n7,8\n9,1\n5,5\n";
    for k in [0, 1, TABLE.len() / 2, TABLE.len() - 1] {
        let server = Server::start(vec![
            Answer::ok(TABLE).header("ETag", "\"v1\"").cut(k),
            Answer::ok(next).header("ETag", "\"v2\""),
        ]);
        let folder = remote(&server.url("/a.csv"), "");
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), next, "cut after {k}");
        assert_eq!(server.requests().len(), 2);
        assert!(server.requests().iter().all(|r| r.header("range").is_none()));
        assert_eq!(snapshots(&folder).len(), 1, "no temporary file is left: {:?}", snapshots(&folder));
    }
}

#[test]
fn a_length_that_does_not_fit_the_body_is_never_taken() {
    let with = |headers: &str, body: &str| Answer::raw(format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}"));
    for (answer, said) in [
        (with("Content-Length: 13\r\n", TABLE), "the connection was cut"),
        (with("Content-Length: 8\r\n", TABLE), "sends more bytes than it says it would"),
        (with("Content-Length: 11\r\n", TABLE), "sends more bytes than it says it would"),
        (with("Content-Length: 12\r\nContent-Length: 8\r\n", TABLE), "not valid HTTP"),
        (with("Content-Length: -12\r\n", TABLE), "not valid HTTP"),
        (with("Content-Length: +12\r\n", TABLE), "not valid HTTP"),
        (with("Content-Length: twelve\r\n", TABLE), "not valid HTTP"),
        (with("Content-Length: 99999999999999999999999999\r\n", TABLE), "not valid HTTP"),
    ] {
        let (server, folder) = answered(answer, "retries = 1");
        refused(&folder, 20, said);
        assert_eq!(server.requests().len(), 2, "{said}");
        kept_nothing(&folder);
    }
    for headers in
        ["Content-Length: 12\r\nContent-Length: 12\r\n", "Content-Length: 12\r\nConnection: close\r\n"]
    {
        let (_server, folder) = answered(with(headers, TABLE), "retries = 0");
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), TABLE);
    }
}

#[test]
fn a_body_of_no_known_length_is_refused() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"] {
        let (_server, folder) = answered(Answer::raw(format!("{head}{TABLE}")), "");
        refused(&folder, 21, "sends neither Content-Length nor chunks");
        kept_nothing(&folder);
    }
}

#[test]
fn chunks_are_taken_whole_or_not_at_all() {
    let chunked =
        |body: &str| Answer::raw(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
    let (_server, folder) =
        answered(chunked("4\r\nx,y\n\r\n8;a=b\r\n1,2\n3,4\n\r\n0\r\n\r\n"), "retries = 0");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), TABLE);
    for body in [
        "",
        "4\r\nx,y\n\r\n",
        "4\r\nx,y\n\r\n8\r\n1,2\n",
        "4\r\nx,y\n\r\n8\r\n1,2\n3,4\n\r\n",
        "4\r\nx,y\n\r\nzz\r\n1,2\n3,4\n\r\n0\r\n\r\n",
        "4\r\nx,y\n\r\n-8\r\n1,2\n3,4\n\r\n0\r\n\r\n",
        "4\r\nx,y\n\r\nffffffffffffffffff\r\n1,2\n",
        "4\r\nx,y\n8\r\n1,2\n3,4\n\r\n0\r\n\r\n",
    ] {
        let (_server, folder) = answered(chunked(body), "retries = 1");
        refused(&folder, 20, "given up after 2 tries");
        kept_nothing(&folder);
    }
}

#[test]
fn what_is_no_table_is_refused_by_its_kind_though_the_status_is_200() {
    for (body, said) in [
        (&b"<!DOCTYPE html><title>Log in</title>"[..], "is a web page, expected a CSV file"),
        (b"\xef\xbb\xbf\n <HTML>", "is a web page"),
        (b"{\"error\": \"no such table\"}", "is JSON, expected a CSV file"),
        (b"[ {\"x\": 1} ]", "is JSON"),
        (b"<?xml version=\"1.0\"?><Error/>", "is XML"),
        (b"", "the body is empty"),
        (b" \r\n", "the body is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "is a Git LFS pointer, not the file it stands for",
        ),
        (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "is a ZIP archive or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"PAR1\x15\x04", "is a Parquet file"),
    ] {
        let (server, folder) = answered(Answer::ok(body).header("Content-Type", "text/csv"), "");
        refused(&folder, 21, said);
        assert_eq!(server.requests().len(), 1, "no wait makes it better");
        kept_nothing(&folder);
    }
    // Names in angle brackets are names.
    let (_server, folder) = answered(Answer::ok("<TICKER>,<CLOSE>\nA,1\n"), "");
    ingest(&folder, &[]).success();
}

#[test]
fn a_body_is_packed_as_its_header_says_or_refused() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed = gzip(TABLE.as_bytes());
    for encoding in ["gzip", "x-gzip", "GZIP", "identity"] {
        let (server, folder) = answered(Answer::ok(&packed).header("Content-Encoding", encoding), "");
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), TABLE, "{encoding}");
        assert_eq!(server.requests()[0].header("accept-encoding"), Some("identity"));
    }
    for (body, encoding) in [
        (TABLE.as_bytes().to_vec(), "gzip"),
        (packed.clone(), "br"),
        (packed.clone(), "deflate"),
        (gzip(&packed), "gzip, gzip"),
        (packed.clone(), "zstd"),
        (TABLE.as_bytes().to_vec(), "x\u{7f}y"),
    ] {
        let (_server, folder) =
            answered(Answer::ok(body).header("Content-Encoding", encoding), "retries = 0");
        let code = ingest(&folder, &[]).get_output().status.code();
        assert!(matches!(code, Some(20 | 21)), "{encoding}: {code:?}");
        kept_nothing(&folder);
    }
    // Packed twice, said once: what is unpacked is no text.
    let (_server, folder) = answered(Answer::ok(gzip(&packed)).header("Content-Encoding", "gzip"), "");
    refused(&folder, 21, "/a.csv");
}

#[test]
fn the_encoding_is_the_mark_s_then_the_configuration_s_then_the_header_s() {
    let typed = |body: &[u8], charset: &str| {
        Answer::ok(body).header("Content-Type", &format!("text/csv; header=present; charset={charset}"))
    };
    let latin = b"x,y\ncaf\xe9,1\n";
    let utf8 = "x,y\ncafé,1\n";
    // The header, where nothing else tells; a rerun from the snapshot knows it too.
    for charset in ["ISO-8859-1", "\"windows-1252\""] {
        let (_server, folder) = answered(typed(latin, charset), "");
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), utf8);
        std::fs::remove_file(folder.path().join(super::RAW)).unwrap();
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), utf8);
    }
    // The configuration before the header.
    let (_server, folder) = answered(typed(latin, "utf-8"), "encoding = \"windows-1252\"");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), utf8);
    let (_server, folder) = answered(typed(utf8.as_bytes(), "iso-8859-1"), "encoding = \"utf-8\"");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), utf8);
    // ASCII and unknown labels say nothing.
    for charset in ["us-ascii", "klingon", ""] {
        let (_server, folder) = answered(typed(utf8.as_bytes(), charset), "");
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), utf8);
    }
    // What does not go together is refused.
    let marked = format!("\u{feff}{utf8}");
    for (answer, section, said) in [
        (typed(utf8.as_bytes(), "iso-8859-1"), "", "the server names the encoding"),
        (typed(marked.as_bytes(), "iso-8859-1"), "", "the server names the encoding"),
        (typed(b"\xff\xfex\0\n\0", "utf-8"), "", "begins with a byte order mark of"),
        (typed(marked.as_bytes(), "utf-8"), "encoding = \"latin-1\"", "begins with a byte order mark of"),
        (typed(latin, "utf-8"), "", "bytes that are not"),
    ] {
        let (_server, folder) = answered(answer, section);
        refused(&folder, 21, said);
    }
}

#[test]
fn a_part_or_an_unchanged_file_that_nobody_asked_for_is_refused() {
    let part = Answer::ok("x,y\n").with_status(206).header("Content-Range", "bytes 0-3/12");
    let (server, folder) = answered(part, "");
    refused(&folder, 21, "status 206: sends a part of the file");
    assert!(server.requests()[0].header("range").is_none(), "no part is ever asked for");
    kept_nothing(&folder);
    let (server, folder) = answered(Answer::status(304), "");
    refused(&folder, 21, "status 304: says it is unchanged, and was not asked");
    assert!(server.requests()[0].header("if-none-match").is_none());
    kept_nothing(&folder);
}

#[test]
fn a_body_without_end_is_cut_at_the_limit_and_removed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a.csv", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            let chunk = format!("1000\r\n{}\r\n", "x\n".repeat(0x800));
            while stream.write_all(chunk.as_bytes()).is_ok() {}
        }
    });
    let folder = remote(&url, "max_source_bytes = 1000000");
    refused(&folder, 21, "sends more than 1000000 bytes; raise `max_source_bytes` in [ingest]");
    kept_nothing(&folder);
    // What a header announces is not even begun; exactly the limit is taken.
    let (_server, folder) = answered(Answer::ok(TABLE), "max_source_bytes = 11");
    refused(&folder, 21, "sends more than 11 bytes");
    kept_nothing(&folder);
    let (_server, folder) = answered(Answer::ok(TABLE), "max_source_bytes = 12");
    ingest(&folder, &[]).success();
}

#[test]
fn headers_without_end_are_no_answer() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(100_000));
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(1_000_000));
    for answer in [many.as_str(), &long, "nonsense\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", ""] {
        let (_server, folder) = answered(Answer::raw(answer), "retries = 0");
        refused(&folder, 20, "given up after 1 try");
        kept_nothing(&folder);
    }
}

#[test]
fn a_word_of_the_server_too_long_to_send_back_is_not_kept() {
    let etag = format!("\"{}\"", "v".repeat(1000));
    let (server, folder) = answered(Answer::ok(TABLE).header("ETag", &etag), "");
    ingest(&folder, &[]).success();
    let lock = json(folder.path().join("sources.lock"));
    assert_eq!(lock[server.url("/a.csv")]["etag"], serde_json::Value::Null);
    write(folder.path().join("b.csv"), TABLE);
    assert!(!log(&folder).contains("vvv"));
}
