//! Images, embedded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Figure;
use super::text::escaped;

/// Endings of images and their media types.
const TYPES: [(&str, &str); 4] =
    [(".svg", "image/svg+xml"), (".png", "image/png"), (".jpg", "image/jpeg"), (".jpeg", "image/jpeg")];

/// The images that the caller gave.
#[derive(Clone, Copy)]
pub(super) struct Figures<'a>(pub(super) &'a [Figure<'a>]);

impl Figures<'_> {
    /// The image of that path as HTML; nothing where the caller gave none.
    pub(super) fn image(self, path: &str, alt: &str) -> Option<String> {
        let figure = self.0.iter().find(|figure| figure.path == path)?;
        let media = media_type(path)?;
        let data = STANDARD.encode(figure.bytes);
        Some(format!("<img alt=\"{}\" src=\"data:{media};base64,{data}\">", escaped(alt)))
    }
}

/// The media type of an image that can be embedded, by the ending of its name.
pub(super) fn media_type(path: &str) -> Option<&'static str> {
    let path = path.to_ascii_lowercase();
    TYPES.iter().find(|(ending, _)| path.ends_with(ending)).map(|(_, media)| *media)
}
