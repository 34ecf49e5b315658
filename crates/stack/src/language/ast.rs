//! The syntax tree. Chains of operators are lists, so that only parentheses and braces make it deep.

use crate::isa::{Arithmetic, Comparison};
use std::ops::Range;

pub type Span = Range<usize>;

/// A part of the tree with the bytes of the text it was made from.
#[derive(Clone, PartialEq, Debug)]
pub struct Node<T> {
    pub kind: T,
    pub span: Span,
}

pub type Name<'t> = Node<&'t str>;
pub type Expr<'t> = Node<ExprKind<'t>>;
pub type Stmt<'t> = Node<StmtKind<'t>>;

/// A whole text.
#[derive(Clone, PartialEq, Debug)]
pub struct Tree<'t> {
    pub functions: Vec<Function<'t>>,
    pub body: Body<'t>,
}

/// Statements, and the expression whose value they have.
#[derive(Clone, PartialEq, Debug)]
pub struct Body<'t> {
    pub statements: Vec<Stmt<'t>>,
    pub value: Option<Expr<'t>>,
    /// Where it ends.
    pub end: usize,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Function<'t> {
    pub name: Name<'t>,
    pub parameters: Vec<Name<'t>>,
    pub body: Body<'t>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum StmtKind<'t> {
    Input {
        name: Name<'t>,
        default: Expr<'t>,
    },
    Let {
        name: Name<'t>,
        value: Expr<'t>,
    },
    Assign {
        name: Name<'t>,
        value: Expr<'t>,
    },
    /// Conditions with their blocks, tried in order; the last block is for when none holds.
    If {
        arms: Vec<(Expr<'t>, Vec<Stmt<'t>>)>,
        otherwise: Vec<Stmt<'t>>,
    },
    While {
        condition: Expr<'t>,
        body: Vec<Stmt<'t>>,
    },
    Return(Option<Expr<'t>>),
    Break,
    Continue,
    Print(Expr<'t>),
    /// An expression for its effects.
    Expr(Expr<'t>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prefix {
    Minus,
    Not,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind<'t> {
    /// The digits.
    Number(&'t str),
    Variable(&'t str),
    Call {
        function: Name<'t>,
        arguments: Vec<Expr<'t>>,
    },
    /// The outermost operator first.
    Prefix(Vec<Prefix>, Box<Expr<'t>>),
    /// Operators of one level of precedence, from left to right.
    Chain(Box<Expr<'t>>, Vec<(Arithmetic, Expr<'t>)>),
    Compare(Box<Expr<'t>>, Comparison, Box<Expr<'t>>),
    /// At least two.
    And(Vec<Expr<'t>>),
    Or(Vec<Expr<'t>>),
}
