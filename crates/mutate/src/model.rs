//! A class file as a tree that can be changed and written again, well-formed or not (JVMS §4).

/// `CONSTANT_Utf8`, `CONSTANT_Long`, `CONSTANT_Double`, `CONSTANT_Class`.
pub const UTF8: u8 = 1;
pub const LONG: u8 = 5;
pub const DOUBLE: u8 = 6;
pub const CLASS: u8 = 7;

/// A constant; the tag and what follows it, without the length of text.
#[derive(Clone)]
pub struct Constant {
    pub tag: u8,
    pub data: Vec<u8>,
}

#[derive(Clone)]
pub struct Member {
    pub flags: u16,
    pub name: u16,
    pub descriptor: u16,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone)]
pub struct Attribute {
    pub name: u16,
    pub body: Body,
}

#[derive(Clone)]
pub enum Body {
    Raw(Vec<u8>),
    Code(Code),
}

#[derive(Clone)]
pub struct Code {
    pub max_stack: u16,
    pub max_locals: u16,
    pub bytes: Vec<u8>,
    /// start, end, handler, catch type
    pub handlers: Vec<[u16; 4]>,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone)]
pub struct Model {
    pub minor: u16,
    pub major: u16,
    /// By index; `None` at 0 and behind a long or double.
    pub pool: Vec<Option<Constant>>,
    pub flags: u16,
    pub this: u16,
    pub super_class: u16,
    pub interfaces: Vec<u16>,
    pub fields: Vec<Member>,
    pub methods: Vec<Member>,
    pub attributes: Vec<Attribute>,
}

impl Code {
    /// Makes it `throw null`, which every verifier accepts anywhere.
    pub fn throw_null(&mut self) {
        const ACONST_NULL: u8 = 1;
        const ATHROW: u8 = 191;
        self.bytes = vec![ACONST_NULL, ATHROW];
        self.max_stack = self.max_stack.max(1);
        self.handlers.clear();
        self.attributes.clear();
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn u1(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn u2(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u4(&mut self) -> Option<usize> {
        self.take(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
    }

    fn pool(&mut self) -> Option<Vec<Option<Constant>>> {
        let count = usize::from(self.u2()?);
        let mut pool = vec![None];
        while pool.len() < count {
            let tag = self.u1()?;
            let length = match tag {
                UTF8 => self.u2()?.into(),
                3 | 4 | 9..=12 | 17 | 18 => 4,
                LONG | DOUBLE => 8,
                CLASS | 8 | 16 | 19 | 20 => 2,
                15 => 3,
                _ => return None,
            };
            pool.push(Some(Constant { tag, data: self.take(length)?.to_vec() }));
            if matches!(tag, LONG | DOUBLE) {
                pool.push(None);
            }
        }
        Some(pool)
    }

    fn attributes(&mut self, pool: &[Option<Constant>]) -> Option<Vec<Attribute>> {
        let count = self.u2()?;
        (0..count).map(|_| self.attribute(pool)).collect()
    }

    fn attribute(&mut self, pool: &[Option<Constant>]) -> Option<Attribute> {
        let name = self.u2()?;
        let length = self.u4()?;
        let info = self.take(length)?;
        let is_code = pool.get(usize::from(name))?.as_ref().is_some_and(|c| c.data == b"Code");
        let body =
            if is_code { Body::Code(Reader { rest: info }.code(pool)?) } else { Body::Raw(info.to_vec()) };
        Some(Attribute { name, body })
    }

    fn code(&mut self, pool: &[Option<Constant>]) -> Option<Code> {
        let (max_stack, max_locals) = (self.u2()?, self.u2()?);
        let length = self.u4()?;
        let bytes = self.take(length)?.to_vec();
        let count = self.u2()?;
        let mut row = || Some([self.u2()?, self.u2()?, self.u2()?, self.u2()?]);
        let handlers = (0..count).map(|_| row()).collect::<Option<_>>()?;
        Some(Code { max_stack, max_locals, bytes, handlers, attributes: self.attributes(pool)? })
    }

    fn members(&mut self, pool: &[Option<Constant>]) -> Option<Vec<Member>> {
        let count = self.u2()?;
        let member = |_| {
            let (flags, name, descriptor) = (self.u2()?, self.u2()?, self.u2()?);
            Some(Member { flags, name, descriptor, attributes: self.attributes(pool)? })
        };
        (0..count).map(member).collect()
    }
}

fn u2(out: &mut Vec<u8>, value: usize) {
    out.extend((value as u16).to_be_bytes());
}

fn write_attributes(out: &mut Vec<u8>, attributes: &[Attribute]) {
    u2(out, attributes.len());
    for attribute in attributes {
        u2(out, attribute.name.into());
        let at = out.len();
        out.extend([0; 4]);
        match &attribute.body {
            Body::Raw(bytes) => out.extend(bytes),
            Body::Code(code) => {
                u2(out, code.max_stack.into());
                u2(out, code.max_locals.into());
                out.extend((code.bytes.len() as u32).to_be_bytes());
                out.extend(&code.bytes);
                u2(out, code.handlers.len());
                code.handlers.iter().flatten().for_each(|&value| u2(out, value.into()));
                write_attributes(out, &code.attributes);
            }
        }
        let length = (out.len() - at - 4) as u32;
        out[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }
}

fn write_members(out: &mut Vec<u8>, members: &[Member]) {
    u2(out, members.len());
    for member in members {
        [member.flags, member.name, member.descriptor].iter().for_each(|&value| u2(out, value.into()));
        write_attributes(out, &member.attributes);
    }
}

impl Model {
    /// Reads a class file; `None` where its structure is broken.
    pub fn read(bytes: &[u8]) -> Option<Model> {
        let mut r = Reader { rest: bytes };
        (r.u4()? == 0xcafe_babe).then_some(())?;
        let (minor, major) = (r.u2()?, r.u2()?);
        let pool = r.pool()?;
        let (flags, this, super_class) = (r.u2()?, r.u2()?, r.u2()?);
        let count = r.u2()?;
        let interfaces = (0..count).map(|_| r.u2()).collect::<Option<_>>()?;
        let (fields, methods) = (r.members(&pool)?, r.members(&pool)?);
        let attributes = r.attributes(&pool)?;
        Some(Model { minor, major, pool, flags, this, super_class, interfaces, fields, methods, attributes })
    }

    /// Writes it. Counts that do not fit are cut.
    pub fn write(&self) -> Vec<u8> {
        let mut out = 0xcafe_babe_u32.to_be_bytes().to_vec();
        u2(&mut out, self.minor.into());
        u2(&mut out, self.major.into());
        u2(&mut out, self.pool.len());
        for constant in self.pool.iter().flatten() {
            out.push(constant.tag);
            if constant.tag == UTF8 {
                u2(&mut out, constant.data.len());
            }
            out.extend(&constant.data);
        }
        [self.flags, self.this, self.super_class].iter().for_each(|&value| u2(&mut out, value.into()));
        u2(&mut out, self.interfaces.len());
        self.interfaces.iter().for_each(|&value| u2(&mut out, value.into()));
        write_members(&mut out, &self.fields);
        write_members(&mut out, &self.methods);
        write_attributes(&mut out, &self.attributes);
        out
    }

    /// The text at an index, empty where there is none.
    pub fn text(&self, index: u16) -> &[u8] {
        match self.pool.get(usize::from(index)) {
            Some(Some(constant)) if constant.tag == UTF8 => &constant.data,
            _ => b"",
        }
    }

    /// Indexes of the constants with a tag.
    pub fn indexes(&self, tag: u8) -> Vec<u16> {
        let has = |(index, c): (usize, &Option<Constant>)| {
            c.as_ref().filter(|c| c.tag == tag).map(|_| index as u16)
        };
        self.pool.iter().enumerate().filter_map(has).collect()
    }

    /// Adds a constant.
    pub fn add(&mut self, tag: u8, data: Vec<u8>) -> u16 {
        self.pool.push(Some(Constant { tag, data }));
        self.pool.len() as u16 - 1
    }

    /// The code of each method that has some.
    pub fn codes(&mut self) -> Vec<&mut Code> {
        let attributes = self.methods.iter_mut().flat_map(|method| &mut method.attributes);
        attributes
            .filter_map(|attribute| match &mut attribute.body {
                Body::Code(code) => Some(code),
                Body::Raw(_) => None,
            })
            .collect()
    }
}
