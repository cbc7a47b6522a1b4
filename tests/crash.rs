mod support;
#[test]
fn x() {
    support::panel::Panel::small(1).write(std::path::Path::new("/tmp/ps"));
    support::panel::Panel::large(1).write(std::path::Path::new("/tmp/pl"));
}
