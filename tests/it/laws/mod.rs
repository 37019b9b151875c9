//! What must hold for every input, not only for the examples beside the code.

mod decide;
mod grammar;
mod mrkdwn;
mod repositories;
