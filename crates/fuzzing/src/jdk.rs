//! The class files of an installed JDK.

#[path = "../../classfile/tests/common/mod.rs"]
mod image;

/// A class file of the JDK.
pub struct ClassBytes {
    /// Its module.
    pub module: String,
    /// Its name in internal form.
    pub name: String,
    /// The class file.
    pub bytes: Vec<u8>,
}

/// Every `step`th class of the JDK (`JAVA_HOME`, or Debian's JDK 17); `None` where there is no JDK.
pub fn classes(step: usize) -> Option<Vec<ClassBytes>> {
    let image = image::Image::open()?;
    let (mut classes, mut number) = (Vec::new(), 0);
    image.for_each_class(|module, name, bytes| {
        if number % step == 0 {
            classes.push(ClassBytes { module: module.into(), name: name.into(), bytes: bytes.to_vec() });
        }
        number += 1;
    });
    Some(classes)
}
