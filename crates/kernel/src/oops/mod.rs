//! The object model: class metadata off the heap, and what the VM knows of Java objects.

pub mod array;
pub mod call_site;
pub mod class;
pub mod constant_pool;
pub mod field;
pub mod metaspace;
pub mod method;
pub mod symbol;
pub mod well_known;
