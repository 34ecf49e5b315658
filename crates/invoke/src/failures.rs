//! Failed `invokedynamic` sites: the error of the first attempt is thrown at every later one (JVMS §5.4.3, §6.5).

use caturra_kernel::loading::loader::LoaderRef;
use caturra_kernel::runtime::exceptions::{self, Thrown};
use caturra_kernel::runtime::strings;
use caturra_kernel::{ClassRef, MethodRef, Sym, Thread};
use hashbrown::HashMap;
use parking_lot::Mutex;

/// An `invokedynamic` instruction: its method (address) and bytecode index.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    method: u64,
    bci: i32,
}

impl Site {
    pub fn new(method: MethodRef, bci: i32) -> Site {
        Site { method: method.as_raw(), bci }
    }
}

/// An error as text: a throwable itself would hold on to its stack frames' classes. The cause is not kept.
#[derive(Clone)]
struct Failure {
    class: Sym,
    message: Option<String>,
}

/// The failed sites, by the loader (address) of their classes.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<u64, HashMap<Site, Failure>>>);

impl Failures {
    /// Throws the error recorded for a site; `None` when there is none.
    pub fn replay(&self, t: &Thread, loader: LoaderRef, site: Site) -> Option<Thrown> {
        let Failure { class, message } = self.0.lock().get(&loader.as_raw())?.get(&site)?.clone();
        Some(match message {
            Some(text) => exceptions::throw(t, &class.to_str(), &text),
            None => exceptions::throw_bare(t, &class.to_str()),
        })
    }

    /// Records the pending error for a site, unless it is no `LinkageError` (others may go away) or an error is
    /// recorded already; gives what there is to throw.
    pub fn record(&'static self, t: &Thread, loader: LoaderRef, site: Site, thrown: Thrown) -> Thrown {
        if !exceptions::pending_is(t, t.vm().wk.linkage_error()) {
            return thrown;
        }
        let throwable = t.pending.get();
        // SAFETY: the pending exception is live.
        let failure = unsafe {
            let message = throwable.load_ref(t.vm().off.throwable_detail_message() as usize);
            Failure {
                class: ClassRef::of(throwable).name,
                message: (!message.is_null()).then(|| strings::to_rust(message)),
            }
        };
        let (first, new_loader) = {
            let mut all = self.0.lock();
            let new_loader = !all.contains_key(&loader.as_raw());
            let of_loader = all.entry(loader.as_raw()).or_default();
            (of_loader.try_insert(site, failure).is_ok(), new_loader)
        };
        if new_loader {
            // Addresses of methods are used again when their loader is gone.
            let raw = loader.as_raw();
            loader.on_unload(Box::new(move || {
                self.0.lock().remove(&raw);
            }));
        }
        if first {
            return thrown;
        }
        exceptions::take_pending(t);
        self.replay(t, loader, site).expect("just found; its loader is alive")
    }
}
