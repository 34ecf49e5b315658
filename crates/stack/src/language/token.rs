//! Text to tokens.

use crate::diagnostics::Diagnostic;
use chumsky::prelude::*;
use std::fmt;

/// A token; names and numbers are slices of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token<'t> {
    Number(&'t str),
    Name(&'t str),
    /// A word that is no name.
    Keyword(&'static str),
    /// An operator or other sign.
    Sign(&'static str),
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(text) | Token::Name(text) => f.write_str(text),
            Token::Keyword(text) | Token::Sign(text) => write!(f, "`{text}`"),
        }
    }
}

const KEYWORDS: [&str; 10] =
    ["break", "continue", "else", "fn", "if", "input", "let", "print", "return", "while"];

/// Longer signs first.
const SIGNS: [&str; 20] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "=", "!", "+", "-", "*", "/", "%", "(", ")", "{", "}", ",",
];

/// Parentheses and braces that may be open at a time; the parser and the compiler recurse over them.
const MAX_NESTING: usize = 200;

pub type Spanned<T> = (T, SimpleSpan);

fn lexer<'t>() -> impl Parser<'t, &'t str, Vec<Spanned<Token<'t>>>, extra::Err<Rich<'t, char>>> {
    let number = text::digits(10).to_slice().map(Token::Number);
    let word = text::ascii::ident().map(|word: &str| match KEYWORDS.iter().find(|k| **k == word) {
        Some(keyword) => Token::Keyword(keyword),
        None => Token::Name(word),
    });
    let sign = choice(SIGNS.map(|sign| just(sign).to(Token::Sign(sign)))).or(just(";").to(Token::Sign(";")));
    let comment = just("//").or(just("#")).then(any().and_is(just('\n').not()).repeated()).padded();
    choice((number, word, sign))
        .map_with(|token, e| (token, e.span()))
        .padded_by(comment.repeated())
        .padded()
        .recover_with(skip_then_retry_until(any().ignored(), end()))
        .repeated()
        .collect()
        // A text of comments alone.
        .padded_by(comment.repeated())
        .padded()
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Result<Vec<Spanned<Token<'_>>>, Vec<Diagnostic>> {
    let (tokens, errors) = lexer().parse(text).into_output_errors();
    if !errors.is_empty() {
        return Err(errors
            .into_iter()
            .map(|e| {
                let span = e.span().into_range();
                let found = e.found().map_or_else(|| "the end".into(), |c| format!("character {c:?}"));
                Diagnostic::new(
                    span,
                    format!("unexpected {found}"),
                    "no token of the language begins with this",
                )
            })
            .collect());
    }
    let tokens = tokens.unwrap_or_default();
    let mut open = 0usize;
    for (token, span) in &tokens {
        match token {
            Token::Sign("(" | "{") => open += 1,
            Token::Sign(")" | "}") => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MAX_NESTING {
            let label = format!("more than {MAX_NESTING} parentheses and braces are open here");
            return Err(vec![Diagnostic::new(span.into_range(), "nested too deeply", label)]);
        }
    }
    Ok(tokens)
}
