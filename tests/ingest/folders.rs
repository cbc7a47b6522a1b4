//! Folders as sources.

use predicates::prelude::*;

use super::support::write;
use super::{ingest, log, manifest, raw, refused, setup};

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let inputs = manifest(folder)["inputs"].clone();
    inputs.as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_tables_of_a_folder_are_read_in_the_order_of_their_names() {
    for entry in ["data/raw/", "data/raw", "./data/raw/", "data/r*/"] {
        let folder = setup(
            &format!("sources = [\"{entry}\"]"),
            &[
                ("data/raw/b.csv", "x,y\n2,2\n"),
                ("data/raw/B.CSV", "x,y\n1,1\n"),
                ("data/raw/c.tsv", "x\ty\n3\t3\n"),
                ("data/raw/d.txt", "x;y\n4;4\n"),
                ("data/raw/.hidden.csv", "x,y\n9,9\n"),
                ("data/raw/readme.md", "# no table"),
                ("data/raw/a.csv.bak", "x,y\n9,9\n"),
                ("data/raw/below/e.csv", "x,y\n5,5\n"),
            ],
        );
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, b"x,y\n6,6\n").unwrap();
        write(folder.path().join("data/raw/e.csv.gz"), gzip.finish().unwrap());
        write(folder.path().join("data/raw/f.csv.zst"), zstd::encode_all(&b"x,y\n7,7\n"[..], 1).unwrap());
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x,y\n1,1\n2,2\n3,3\n4,4\n6,6\n7,7\n", "{entry}");
        let read = ["B.CSV", "b.csv", "c.tsv", "d.txt", "e.csv.gz", "f.csv.zst"];
        assert_eq!(names(&folder), read.map(|name| format!("data/raw/{name}")));
        let log = log(&folder);
        assert!(
            log.contains("not read: 2 other files (a.csv.bak, readme.md) and 1 folder, which `**`"),
            "{log}"
        );
        let listed = ingest(&folder, &["--list-sources"]).success();
        let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
        assert_eq!(listed.lines().count(), 6, "{listed}");
    }
}

#[test]
fn two_stars_read_the_folders_below_too() {
    let folder = setup(
        "sources = [\"raw/**\"]",
        &[
            ("raw/b.csv", "x\n1\n"),
            ("raw/a/c.csv", "x\n2\n"),
            ("raw/a/d/e.txt", "x\n3\n"),
            ("raw/a/notes.md", "no"),
            ("raw/.git/f.csv", "x\n9\n"),
        ],
    );
    ingest(&folder, &[]).success();
    assert_eq!(names(&folder), ["raw/b.csv", "raw/a/c.csv", "raw/a/d/e.txt"]);
}

#[test]
fn a_folder_may_be_given_by_hand_and_have_a_dialect() {
    let folder = setup(
        "sources = [{ path = \"raw/\", delimiter = \";\" }]",
        &[("raw/a.csv", "x;y,z\n1;2\n"), ("raw/b.csv", "x;y,z\n3;4\n")],
    );
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,\"y,z\"\n1,2\n3,4\n");
    let path = folder.path().join("raw").display().to_string();
    ingest(&folder, &["-i", &path]).success();
}

#[test]
fn a_folder_without_tables_says_what_it_holds() {
    let folder = setup("sources = [\"raw/\"]", &[("raw/a.xlsx", "PK"), ("raw/below/b.csv", "x\n1\n")]);
    refused(
        &folder,
        20,
        "raw/: a folder without a file that ends in .csv, .tsv, .tab, .txt (or these and .gz, .zst); it holds \
         1 other file (a.xlsx) and 1 folder, which `**` after it reads; given up after 4 tries",
    );
    ingest(&folder, &["--list-sources"]).success().stdout("raw/\tmissing\n");
    let folder = setup("sources = [\"raw\"]", &[]);
    std::fs::create_dir(folder.path().join("raw")).unwrap();
    refused(&folder, 20, "(or these and .gz, .zst); given up after 4 tries");
    refused(&setup("sources = [\"raw/\"]", &[]), 20, "raw/: no such file; given up");
}

#[test]
fn a_table_that_comes_late_is_waited_for_and_a_folder_among_files_is_refused() {
    let folder = setup("sources = [\"raw/\"]\nfirst_wait_seconds = 0.3", &[]);
    let config = folder.path().join("pipeline.toml");
    write(&config, super::read(&config).replace("first_wait_seconds = 0.01\n", ""));
    std::fs::create_dir(folder.path().join("raw")).unwrap();
    let late = folder.path().join("raw/a.csv");
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        write(late, "x\n1\n");
    });
    ingest(&folder, &[]).success().stderr(predicate::str::contains("retry 1 of 3 in 0.3 s"));
    writer.join().unwrap();
    let folder = setup("sources = [\"raw/*\"]", &[("raw/a.csv", "x\n1\n"), ("raw/b/c.csv", "x\n1\n")]);
    refused(
        &folder,
        21,
        "raw/b: is a folder; name its files, as in `folder/*.csv`, or all of them by `folder/`",
    );
}

#[test]
fn files_named_twice_are_refused() {
    let folder = setup("sources = [\"raw/\", \"raw/a.csv\"]", &[("raw/a.csv", "x\n1\n")]);
    refused(&folder, 21, "stands twice among the sources");
}
