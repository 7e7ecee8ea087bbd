//! Russian numbers, places and waiting times from recorded pieces (call-semantics: "Russian
//! announcements"). The names of the pieces are those of `prompts/manifest.toml`.

use std::time::Duration;

use dialplan::PromptName;

/// «Вы двадцать первый в очереди» or «Перед вами пять человек».
#[must_use]
pub fn place(_calls_ahead: usize) -> Vec<PromptName> {
    todo!()
}

/// «Ожидание около пяти минут»; rounded up, never less than one minute.
#[must_use]
pub fn expected_wait(_wait: Duration) -> Vec<PromptName> {
    todo!()
}
