//! The reader of run-time images (JEP 220).

use caturra_kernel::loading::jimage::{Index, hash};

use crate::jdk::ClassBytes;

/// Classes in an image that is made as a seed.
const CLASSES: usize = 4;
/// A class file in such an image is cut to this length: the reader does not look into it.
const CONTENT: usize = 40;
const HASH_MULTIPLIER: u32 = 0x0100_0193;

/// Names that the images of the seeds have, and one that none has.
const NAMES: [(&str, &str); 4] = [
    ("java.base", "java/lang/Object"),
    ("java.base", "java/util/HashMap"),
    ("m", "Root"),
    ("java.base", "no/Such"),
];

/// Looks classes and packages up in an image.
pub fn run(data: &[u8]) {
    let Ok(index) = Index::new(data) else { return };
    for (module, name) in NAMES {
        if let Some(bytes) = index.class_bytes(module, name.as_bytes()) {
            assert!(bytes.len() <= data.len());
        }
        let package = name.rsplit_once('/').map_or("", |(package, _)| package);
        let _ = index.module_of_package(package.as_bytes());
    }
}

/// Small images.
pub fn seeds(classes: &[ClassBytes]) -> Vec<Vec<u8>> {
    let named = |(module, name): (&str, &str), class: &ClassBytes| ClassBytes {
        module: module.into(),
        name: name.into(),
        bytes: class.bytes.clone(),
    };
    let mut seeds = Vec::new();
    for chunk in classes.chunks(CLASSES).take(200) {
        let mut content: Vec<ClassBytes> =
            NAMES[..3].iter().zip(chunk).map(|(name, class)| named(*name, class)).collect();
        content.extend(chunk.last().map(|class| named((&class.module, &class.name), class)));
        seeds.extend(build(&content));
    }
    seeds
}

struct Resource {
    parts: [Vec<u8>; 4],
    content: Vec<u8>,
}

/// An image of these classes and their packages; `None` where no perfect hash was found.
fn build(classes: &[ClassBytes]) -> Option<Vec<u8>> {
    let mut strings = vec![0u8];
    let mut string = |text: &[u8]| {
        let at = strings.len() as u32;
        strings.extend_from_slice(text);
        strings.push(0);
        at
    };
    let mut resources = Vec::new();
    for class in classes {
        let (parent, base) = class.name.rsplit_once('/').unwrap_or(("", &class.name));
        let parts =
            [class.module.as_bytes(), parent.as_bytes(), base.as_bytes(), b"class"].map(<[u8]>::to_vec);
        let content = class.bytes[..class.bytes.len().min(CONTENT)].to_vec();
        resources.push(Resource { parts, content });
        let entry = [0u32.to_le_bytes(), string(class.module.as_bytes()).to_le_bytes()].concat();
        let package = parent.replace('/', ".").into_bytes();
        let parts = [b"packages".to_vec(), Vec::new(), package, Vec::new()];
        if !resources.iter().any(|resource| resource.parts == parts) {
            resources.push(Resource { parts, content: entry });
        }
    }
    // With an odd size every bit of the hash counts.
    let (redirect, order) = perfect_hash(&resources, resources.len() | 1)?;
    let (mut locations, mut offsets, mut contents) = (vec![0u8], Vec::new(), Vec::new());
    for resource in order {
        // At 0 there is a location without attributes, which is never what is looked for.
        let Some(resource) = resource else {
            offsets.push(0);
            continue;
        };
        offsets.push(locations.len() as u32);
        let mut attribute = |kind: u8, value: u32| {
            locations.push(kind << 3 | 3);
            locations.extend(value.to_be_bytes());
        };
        for (kind, part) in resource.parts.iter().enumerate() {
            attribute(kind as u8 + 1, if part.is_empty() { 0 } else { string(part) });
        }
        attribute(5, contents.len() as u32);
        attribute(7, resource.content.len() as u32);
        locations.push(0);
        contents.extend_from_slice(&resource.content);
    }
    let header = [
        0xcafe_dada,
        1 << 16,
        0,
        offsets.len() as u32,
        offsets.len() as u32,
        locations.len() as u32,
        strings.len() as u32,
    ];
    let words = header.iter().chain(&redirect).chain(&offsets);
    let mut image: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
    image.extend(locations);
    image.extend(strings);
    image.extend(contents);
    Some(image)
}

/// The table of redirections, and what its slots hold.
fn perfect_hash(resources: &[Resource], count: usize) -> Option<(Vec<u32>, Vec<Option<&Resource>>)> {
    let path = |resource: &Resource, seed| {
        let [module, parent, base, extension] = &resource.parts;
        let mut parts: Vec<&[u8]> = vec![b"/", module];
        if !parent.is_empty() {
            parts.extend([&b"/"[..], parent]);
        }
        parts.extend([&b"/"[..], base]);
        if !extension.is_empty() {
            parts.extend([&b"."[..], extension]);
        }
        hash(&parts, seed) as usize % count
    };
    let mut buckets: Vec<(usize, Vec<&Resource>)> = (0..count).map(|slot| (slot, Vec::new())).collect();
    for resource in resources {
        buckets[path(resource, HASH_MULTIPLIER)].1.push(resource);
    }
    buckets.sort_by_key(|(_, bucket)| std::cmp::Reverse(bucket.len()));
    let (mut redirect, mut order) = (vec![0u32; count], vec![None; count]);
    for (slot, bucket) in &buckets {
        if let [single] = bucket[..] {
            let free = order.iter().position(Option::is_none)?;
            order[free] = Some(single);
            redirect[*slot] = (-1 - free as i32) as u32;
        } else if !bucket.is_empty() {
            let fits = |seed: &u32| {
                let mut taken: Vec<usize> = bucket.iter().map(|resource| path(resource, *seed)).collect();
                taken.sort_unstable();
                taken.windows(2).all(|pair| pair[0] != pair[1]) && taken.iter().all(|at| order[*at].is_none())
            };
            let seed = (1..100_000).find(fits)?;
            for resource in bucket {
                order[path(resource, seed)] = Some(resource);
            }
            redirect[*slot] = seed;
        }
    }
    Some((redirect, order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_image_holds_its_classes() {
        let class = |module: &str, name: &str| ClassBytes {
            module: module.into(),
            name: name.into(),
            bytes: name.as_bytes().to_vec(),
        };
        let classes: Vec<ClassBytes> = NAMES.iter().map(|(module, name)| class(module, name)).collect();
        let image = build(&classes).expect("an image");
        let index = Index::new(&image).expect("an image");
        for class in &classes {
            assert_eq!(index.class_bytes(&class.module, class.name.as_bytes()), Some(class.bytes.as_slice()));
        }
        assert_eq!(index.module_of_package(b"java/util").as_deref(), Some("java.base"));
        assert_eq!(index.class_bytes("m", b"java/lang/Object"), None);
    }
}
