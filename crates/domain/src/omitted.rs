//! What a stored document leaves out.

/// Whether a count is left out, because nothing was counted.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}
