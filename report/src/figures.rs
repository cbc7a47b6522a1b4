//! Stand-in.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) svg: String,
}
