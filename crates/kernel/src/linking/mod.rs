//! Linking and initialisation (JVMS §5.4, §5.5).

pub mod access;
pub mod constraints;
pub mod errors;
pub mod init;
pub mod link;
pub mod resolve;
