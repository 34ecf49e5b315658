//! `JVM_GetManagement`.
