//! The commands: each a module that says what it does and how it prints.
//! Kept true: a command prints results on stdout and words on stderr, and ends in a `Failure` or
//! well.

pub(crate) mod cluster;
pub(crate) mod config;
pub(crate) mod consume;
pub(crate) mod debug;
pub(crate) mod generate;
pub(crate) mod group;
pub(crate) mod places;
pub(crate) mod produce;
pub(crate) mod topic;

use std::future::Future;

use engine_rt::{Core, CoreConfig};
use net_client::{Client, ClientError, ErrorKind};

use crate::cli::BrokerArgs;
use crate::client_options::Chosen;
use crate::failure::{Exit, Failure};

/// Runs `work` on a core of its own, without a broker.
pub(crate) fn on_core<F>(work: impl FnOnce(Core) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    let config = CoreConfig { name: "command".into(), ring_entries: 64, ..CoreConfig::default() };
    let ran = engine_rt::run(config, work);
    ran.map_err(|error| crate::start::no_core(&error))?
}

/// Runs `work` with a client of the brokers that were named, which creates no topics.
pub(crate) fn with_client<F>(
    args: &BrokerArgs,
    work: impl FnOnce(Client, Chosen) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    with_chosen(choose(args, false)?, work)
}

/// Runs `work` with a client whose use of a topic may create it.
pub(crate) fn with_writer<F>(
    args: &BrokerArgs,
    work: impl FnOnce(Client, Chosen) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    with_chosen(choose(args, true)?, work)
}

fn choose(args: &BrokerArgs, writes: bool) -> Result<Chosen, Failure> {
    let environment = std::env::var("BOBBIN_BROKERS").ok();
    Chosen::read(args, environment.as_deref(), writes)
}

/// Runs `work` with the client that was chosen.
pub(crate) fn with_chosen<F>(
    chosen: Chosen,
    work: impl FnOnce(Client, Chosen) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    on_core(|core| {
        let client = Client::new(&core, chosen.client.clone());
        work(client, chosen)
    })
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        let exit = match error.kind {
            ErrorKind::Unreachable | ErrorKind::TimedOut => Exit::Unreachable,
            ErrorKind::Refused(code) if code.is_not_found() => Exit::NotFound,
            ErrorKind::Refused(code) if code.is_not_allowed() => Exit::NotAllowed,
            ErrorKind::Usage => Exit::Usage,
            ErrorKind::Refused(_) | ErrorKind::NotServed | ErrorKind::Malformed => Exit::Failed,
        };
        let next = error.next.or_else(|| match error.kind {
            ErrorKind::Unreachable => {
                Some("start a broker (bobbin start --dev), or name one with -b HOST:PORT".into())
            }
            ErrorKind::NotServed => {
                Some("ask a broker of a newer version, or one that serves this part".into())
            }
            _ => None,
        });
        Failure { exit, what: error.what, next }
    }
}

/// The failure of several things done in one command: the first one's exit code, all sentences.
pub(crate) fn first_of(failures: Vec<Failure>) -> Result<(), Failure> {
    let mut failures = failures.into_iter();
    let Some(mut first) = failures.next() else { return Ok(()) };
    for other in failures {
        first.what.push_str("; ");
        first.what.push_str(&other.what);
    }
    Err(first)
}
