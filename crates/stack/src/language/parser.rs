//! Tokens to the syntax tree.

use super::ast::{Body, Expr, ExprKind, Function, Name, Node, Prefix, Stmt, StmtKind, Tree};
use super::token::{Spanned, Token};
use crate::diagnostics::Diagnostic;
use crate::isa::{Arithmetic, Comparison};
use chumsky::error::{RichPattern, RichReason};
use chumsky::input::ValueInput;
use chumsky::prelude::*;

type Extra<'p, 't> = extra::Err<Rich<'p, Token<'t>>>;

fn node<T>(kind: T, span: SimpleSpan) -> Node<T> {
    Node { kind, span: span.into_range() }
}

fn keyword<'p, 't: 'p, I>(word: &'static str) -> impl Parser<'p, I, (), Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    just(Token::Keyword(word)).ignored()
}

fn sign<'p, 't: 'p, I>(text: &'static str) -> impl Parser<'p, I, (), Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    just(Token::Sign(text)).ignored()
}

fn name<'p, 't: 'p, I>() -> impl Parser<'p, I, Name<'t>, Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    select! { Token::Name(name) => name }.map_with(|name, e| node(name, e.span())).labelled("a name")
}

fn expression<'p, 't: 'p, I>() -> impl Parser<'p, I, Expr<'t>, Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    recursive(|expression| {
        let number = select! { Token::Number(digits) => ExprKind::Number(digits) };
        let arguments = expression
            .clone()
            .separated_by(sign(","))
            .allow_trailing()
            .collect::<Vec<_>>()
            .delimited_by(sign("("), sign(")"));
        let variable_or_call = name().then(arguments.or_not()).map(|(name, arguments)| match arguments {
            Some(arguments) => ExprKind::Call { function: name, arguments },
            None => ExprKind::Variable(name.kind),
        });
        let parenthesised = expression.delimited_by(sign("("), sign(")"));
        let atom = number
            .or(variable_or_call)
            .map_with(|kind, e| node(kind, e.span()))
            .or(parenthesised)
            .labelled("an expression")
            .boxed();

        let prefix_operator =
            choice((sign("-").to(Prefix::Minus), sign("!").to(Prefix::Not))).labelled("an expression");
        let prefix = prefix_operator
            .repeated()
            .collect::<Vec<_>>()
            .then(atom)
            .map_with(|(operators, operand), e| {
                if operators.is_empty() {
                    return operand;
                }
                node(ExprKind::Prefix(operators, Box::new(operand)), e.span())
            })
            .boxed();

        let operator = |operators: &[Arithmetic]| {
            choice(operators.iter().map(|op| sign(op.symbol()).to(*op)).collect::<Vec<_>>())
                .labelled("an operator")
        };
        let product = chain(prefix, operator(&[Arithmetic::Mul, Arithmetic::Div, Arithmetic::Rem])).boxed();
        let sum = chain(product, operator(&[Arithmetic::Add, Arithmetic::Sub])).boxed();

        let comparison = choice(Comparison::ALL.map(|op| sign(op.symbol()).to(op))).labelled("an operator");
        let comparison = sum
            .clone()
            .then(comparison.then(sum).or_not())
            .map_with(|(left, rest), e| match rest {
                None => left,
                Some((op, right)) => node(ExprKind::Compare(Box::new(left), op, Box::new(right)), e.span()),
            })
            .boxed();
        let and = list(comparison, sign("&&").labelled("an operator"), ExprKind::And).boxed();
        list(and, sign("||").labelled("an operator"), ExprKind::Or).boxed()
    })
}

/// Operands with arithmetic operators of one precedence between them.
fn chain<'p, 't: 'p, I>(
    operand: impl Parser<'p, I, Expr<'t>, Extra<'p, 't>> + Clone,
    operator: impl Parser<'p, I, Arithmetic, Extra<'p, 't>> + Clone,
) -> impl Parser<'p, I, Expr<'t>, Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    operand.clone().then(operator.then(operand).repeated().collect::<Vec<_>>()).map_with(
        |(first, rest), e| {
            if rest.is_empty() {
                return first;
            }
            node(ExprKind::Chain(Box::new(first), rest), e.span())
        },
    )
}

/// Operands with one logical operator between them.
fn list<'p, 't: 'p, I>(
    operand: impl Parser<'p, I, Expr<'t>, Extra<'p, 't>> + Clone,
    operator: impl Parser<'p, I, (), Extra<'p, 't>> + Clone,
    make: fn(Vec<Expr<'t>>) -> ExprKind<'t>,
) -> impl Parser<'p, I, Expr<'t>, Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    operand.separated_by(operator).at_least(1).collect::<Vec<_>>().map_with(move |mut operands, e| {
        match operands.len() {
            1 => operands.remove(0),
            _ => node(make(operands), e.span()),
        }
    })
}

/// A statement of any block.
fn statement<'p, 't: 'p, I>() -> impl Parser<'p, I, Stmt<'t>, Extra<'p, 't>> + Clone
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    recursive(|statement| {
        let block = statement.repeated().collect::<Vec<_>>().delimited_by(sign("{"), sign("}")).boxed();
        let expr = expression().boxed();
        let binding = name().then_ignore(sign("=")).then(expr.clone());
        let input = keyword("input")
            .ignore_then(binding.clone())
            .map(|(name, default)| StmtKind::Input { name, default });
        let let_ =
            keyword("let").ignore_then(binding.clone()).map(|(name, value)| StmtKind::Let { name, value });
        let assign = binding.map(|(name, value)| StmtKind::Assign { name, value });
        let return_ = keyword("return").ignore_then(expr.clone().or_not()).map(StmtKind::Return);
        let print = keyword("print").ignore_then(expr.clone()).map(StmtKind::Print);
        let simple = choice((
            input,
            let_,
            return_,
            print,
            keyword("break").to(StmtKind::Break),
            keyword("continue").to(StmtKind::Continue),
            assign,
            expr.clone().map(StmtKind::Expr),
        ))
        .then_ignore(sign(";"));
        let arm = keyword("if").ignore_then(expr.clone().then(block.clone())).boxed();
        let if_ = arm
            .clone()
            .then(keyword("else").ignore_then(arm).repeated().collect::<Vec<_>>())
            .then(keyword("else").ignore_then(block.clone()).or_not())
            .map(|((first, mut rest), otherwise)| {
                rest.insert(0, first);
                StmtKind::If { arms: rest, otherwise: otherwise.unwrap_or_default() }
            });
        let while_ = keyword("while")
            .ignore_then(expr.then(block))
            .map(|(condition, body)| StmtKind::While { condition, body });
        choice((simple, if_, while_)).map_with(|kind, e| node(kind, e.span())).labelled("a statement").boxed()
    })
}

enum Item<'t> {
    Function(Function<'t>),
    Statement(Stmt<'t>),
}

fn program<'p, 't: 'p, I>() -> impl Parser<'p, I, Tree<'t>, Extra<'p, 't>>
where
    I: ValueInput<'p, Token = Token<'t>, Span = SimpleSpan>,
{
    let value = expression().or_not();
    let body = statement()
        .repeated()
        .collect::<Vec<_>>()
        .then(value.clone())
        .then(sign("}").map_with(|(), e| e.span()))
        .map(|((statements, value), close): (_, SimpleSpan)| Body { statements, value, end: close.start });
    let parameters = name()
        .separated_by(sign(","))
        .allow_trailing()
        .collect::<Vec<_>>()
        .delimited_by(sign("("), sign(")"));
    let function = keyword("fn")
        .ignore_then(name())
        .then(parameters)
        .then_ignore(sign("{"))
        .then(body)
        .map(|((name, parameters), body)| Item::Function(Function { name, parameters, body }))
        .labelled("a function");
    let item = function.or(statement().map(Item::Statement));
    item.repeated().collect::<Vec<_>>().then(value).then_ignore(end()).map_with(|(items, value), e| {
        let span: SimpleSpan = e.span();
        let body = Body { statements: Vec::new(), value, end: span.into_range().end };
        let mut tree = Tree { functions: Vec::new(), body };
        for item in items {
            match item {
                Item::Function(f) => tree.functions.push(f),
                Item::Statement(s) => tree.body.statements.push(s),
            }
        }
        tree
    })
}

fn pattern(p: &RichPattern<'_, Token<'_>>) -> String {
    match p {
        RichPattern::Token(t) => t.to_string(),
        RichPattern::EndOfInput => "the end of the text".into(),
        other => other.to_string(),
    }
}

/// "a, b or c", without what is said twice.
fn one_of<'p, 't: 'p>(patterns: impl Iterator<Item = &'p RichPattern<'p, Token<'t>>>) -> String {
    let mut all: Vec<String> = patterns.map(pattern).collect();
    all.sort_by_key(|p| (p.starts_with('`'), p.clone()));
    all.dedup();
    match all.split_last() {
        None => "something else".into(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The tree of a token list; `length` is that of the text.
pub fn parse<'t>(tokens: &[Spanned<Token<'t>>], length: usize) -> Result<Tree<'t>, Vec<Diagnostic>> {
    let input = tokens.split_token_span((length..length).into());
    program().parse(input).into_result().map_err(|errors| {
        errors
            .into_iter()
            .map(|e| {
                let span = e.span().into_range();
                match e.reason() {
                    RichReason::ExpectedFound { expected, found } => {
                        let found =
                            found.as_ref().map_or_else(|| "the end of the text".into(), |t| t.to_string());
                        let expected = one_of(expected.iter());
                        Diagnostic::new(span, format!("unexpected {found}"), format!("expected {expected}"))
                    }
                    RichReason::Custom(message) => Diagnostic::new(span, message.clone(), "here"),
                }
            })
            .collect()
    })
}
