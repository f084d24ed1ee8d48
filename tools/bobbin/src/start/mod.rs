//! `bobbin start`: from words to a broker that serves, and in order back to nothing.
//!
//! Kept true: nothing is touched before the configuration was judged whole; the listeners are taken
//! before the data directory, and serve only after recovery; SIGTERM flushes and leaves within a
//! second.

mod banner;
mod budgets;
mod checks;
mod listeners;
mod plan;
mod size;
mod sources;

pub(crate) use self::checks::{no_core, refused_directory};

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine_base::NodeId;
use engine_log::{FlushChoice, FlushMethod, StoreOptions};
use engine_rt::{Class, Core, CoreConfig, Elapsed, Listen, Listener, Stall, Task};
use net_server::{Notice, Quotas, ServerOptions, Serving};
use replication_shard::{Endpoint, Format, Node, NodeOptions};

use self::banner::Banner;
use self::budgets::Budgets;
use self::checks::Devices;
use self::plan::{CORES_SERVING, Machine, Plan, RING_BYTES_MIN};
use self::sources::{CONFIG_VARIABLE, DEV_VARIABLE, Sources};
use crate::cli::StartArgs;
use crate::failure::Failure;
use crate::files;
use crate::output::{Out, note};

/// How long requests already taken may go on after the order to stop.
const STOP_TIME: Duration = Duration::from_millis(500);

/// How long closing the data directory may take after that.
const CLOSE_TIME: Duration = Duration::from_millis(350);

/// How long a taken address is tried again, and how often.
const TAKEN_TIME: Duration = Duration::from_millis(1500);
const TAKEN_PAUSE: Duration = Duration::from_millis(10);

/// Runs a broker until it is told to stop.
pub(crate) fn run(args: &StartArgs) -> Result<(), Failure> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let args = with_environment(args, &environment)?;
    let text = args.config.as_deref().map(files::read_config).transpose()?;
    let file = args.config.as_deref().zip(text.as_deref());
    let sources = Sources::gather(&args, file, &environment)?;
    let plan = Plan::new(&args, &sources, &machine())?;
    log_to_stderr(plan.log_level);
    for line in &plan.without_effect {
        note(&format!("bobbin: {line}"));
    }
    let idle_poll_us = plan.config.int("idle.poll.us").and_then(|us| u64::try_from(us).ok());
    let config = CoreConfig {
        name: "core 0".into(),
        idle_poll: Duration::from_micros(idle_poll_us.unwrap_or(0)),
        on_stall: Some(Rc::new(|stall: &Stall| {
            let ms = stall.held.as_millis();
            tracing::warn!("the task \"{}\" held its core for {ms} ms", stall.task);
        })),
        ..CoreConfig::default()
    };
    engine_rt::run(config, |core| broker(core, plan)).map_err(|error| checks::no_core(&error))?
}

/// What the environment says in place of the two flags that are no properties.
fn with_environment(
    args: &StartArgs,
    environment: &[(String, String)],
) -> Result<StartArgs, Failure> {
    let value = |name: &str| environment.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let mut args = args.clone();
    match value(DEV_VARIABLE) {
        None | Some("false" | "") => {}
        Some("true") => args.dev = true,
        Some(other) => {
            let what = format!("{DEV_VARIABLE}={other}: it is true or false");
            return Err(Failure::usage(what));
        }
    }
    if args.config.is_none() {
        args.config = value(CONFIG_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    }
    Ok(args)
}

fn machine() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Machine {
        cores: u16::try_from(cores).unwrap_or(u16::MAX),
        memory_bytes: files::memory_bytes(),
        data_home: files::data_home(),
    }
}

fn log_to_stderr(level: tracing::Level) {
    // A second initialisation (tests in one process) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_ansi(false)
        .with_target(false)
        .try_init();
}

/// A listener that is bound, with the name that clients of it are told by.
struct Bound {
    name: String,
    listener: Listener,
}

impl Bound {
    fn port(&self) -> u16 {
        self.listener.local_addr().port()
    }
}

async fn broker(core: Core, plan: Plan) -> Result<(), Failure> {
    let signal = core.signal();
    let (bound, endpoints) = bind(&core, &plan).await?;
    let devices = checks::devices(&core, &plan).await?;
    let mut options = node_options(&plan, devices, endpoints);
    let budgets =
        Budgets::of(plan.memory_bytes, shards(&plan), bound.len(), options.inbox_bytes_max);
    options.inbox_bytes_max = budgets.inbox;
    let node = Node::start(&core, options)
        .await
        .map_err(|fault| checks::not_started(&fault, &plan.data_dirs))?;
    let addresses: Vec<SocketAddr> = bound.iter().map(|b| b.listener.local_addr()).collect();
    // A server for each listener's name: its clients are told that listener's address.
    let quotas = Quotas::default();
    let servings: Vec<Serving> = bound
        .into_iter()
        .map(|b| {
            let options = budgets.bound(server_options(&plan, b.name));
            let options = ServerOptions { quotas: quotas.clone(), ..options };
            net_server::serve(&core, vec![b.listener], node.clone(), options)
        })
        .collect();
    say_hello(&core, &plan, &node, &addresses)?;
    core.spawn(Class::Control, "tell of faults", tell_faults(node.clone()));
    signal.await;
    tracing::info!("stopping: no more requests are taken, the journal is flushed");
    let stops = servings.into_iter().map(|serving| {
        core.spawn(Class::Control, "stop serving", async move { serving.stop().await })
    });
    for stop in stops.collect::<Vec<Task<()>>>() {
        stop.await;
    }
    close(&core, &node, &plan).await
}

/// Flushes and closes what the node keeps, but does not wait for ever: what was acknowledged is
/// durable without it, and the next start replays what no checkpoint says.
async fn close(core: &Core, node: &Node, plan: &Plan) -> Result<(), Failure> {
    match core.timeout(CLOSE_TIME, node.close()).await {
        Ok(closed) => closed.map_err(|fault| checks::not_started(&fault, &plan.data_dirs)),
        Err(Elapsed) => {
            tracing::warn!(
                "leaving without a closing checkpoint: the next start replays the journal"
            );
            Ok(())
        }
    }
}

async fn bind(core: &Core, plan: &Plan) -> Result<(Vec<Bound>, Vec<Endpoint>), Failure> {
    let mut bound = Vec::new();
    let mut endpoints = Vec::new();
    for asked in &plan.listeners {
        for (i, mut address) in addresses(core, &asked.bind).await?.into_iter().enumerate() {
            // Where the system chose the port, every address of this listener gets that one.
            if i > 0 && address.port() == 0 {
                address.set_port(bound.last().map_or(0, Bound::port));
            }
            let optional = asked.optional || i > 0;
            match listen(core, address).await {
                Ok(listener) => bound.push(Bound { name: asked.name.clone(), listener }),
                Err(error) if optional && error.kind() != io::ErrorKind::AddrInUse => {
                    tracing::info!("not listening on {address}: {error}");
                }
                Err(error) => return Err(checks::not_listening(address, &error)),
            }
        }
        let mine = bound.iter().rev().find(|b| b.name == asked.name);
        let Some(mine) = mine else { continue };
        let advertised = &asked.advertised;
        // Port 0 lets the system choose, as tests do.
        let port = if advertised.port == 0 { mine.port() } else { advertised.port };
        let host = advertised.host.clone();
        endpoints.push(Endpoint { listener: asked.name.clone(), host, port });
    }
    Ok((bound, endpoints))
}

/// Listens; a taken address is tried again for a while: the kernel gives up the sockets of a killed
/// broker only after the last operation in its ring, and whoever restarts it does not wait for
/// that.
async fn listen(core: &Core, address: SocketAddr) -> io::Result<Listener> {
    let until = core.now() + TAKEN_TIME;
    loop {
        match core.listen(address, Listen::default()) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && core.now() < until => {
                core.sleep(TAKEN_PAUSE).await;
            }
            result => return result,
        }
    }
}

/// The socket addresses of a host, the first of which must be had; no host is every address of both
/// families.
async fn addresses(core: &Core, bind: &net_client::Address) -> Result<Vec<SocketAddr>, Failure> {
    if bind.host.is_empty() {
        let every: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
        return Ok(every.map(|ip| SocketAddr::new(ip, bind.port)).to_vec());
    }
    let found = bind.resolve(core).await.map_err(|error| Failure::usage(error.what))?;
    // A name with several addresses other than `localhost` is this machine's by its first.
    let count = if bind.host == "localhost" { 2 } else { 1 };
    Ok(found.into_iter().take(count).collect())
}

fn shards(plan: &Plan) -> u64 {
    u64::from(plan.cores).max(plan.data_dirs.len() as u64)
}

fn node_options(plan: &Plan, devices: Devices, endpoints: Vec<Endpoint>) -> NodeOptions {
    let usual = StoreOptions::default();
    // Half of the memory is for tails; the rest for what clients ask. A shard's tails must hold
    // what a replay of its journal may find, so that a small one gets a small ring.
    let shards = shards(plan);
    let memory_bytes = plan.memory_bytes / 2 / shards;
    assert!(memory_bytes >= RING_BYTES_MIN, "a plan has memory for its shards");
    let ring_bytes = (1 << memory_bytes.ilog2()).min(usual.ring_bytes());
    let size = |key: &str| plan.config.int(key).and_then(|n| u64::try_from(n).ok());
    let store = StoreOptions {
        journal_file_bytes: ring_bytes / u64::from(usual.journal_files),
        memory_bytes,
        direct: devices.direct,
        flush: flush_choice(plan, devices),
        device_block: devices.block_bytes,
        producer_expiration_ms: plan
            .config
            .int("producer.id.expiration.ms")
            .unwrap_or(usual.producer_expiration_ms),
        retention_check_ms: size("log.retention.check.interval.ms")
            .unwrap_or(usual.retention_check_ms),
        compaction: plan.config.bool("log.cleaner.enable"),
        compaction_pause_ms: size("log.cleaner.backoff.ms").unwrap_or(usual.compaction_pause_ms),
        compaction_key_bytes: size("log.cleaner.dedupe.buffer.size")
            .unwrap_or(usual.compaction_key_bytes)
            / shards,
        compaction_bytes_per_second: compaction_rate(plan, shards),
        ..usual
    };
    let mut options = NodeOptions::new(plan.data_dirs.clone(), NodeId(plan.node_id), store);
    options.endpoints = endpoints;
    options.cores = plan.cores;
    options.rack = plan.rack.clone();
    options.format = Format::IfEmpty;
    options.broker = plan.config.clone();
    options
}

/// What compaction may read and write in a second on each shard, in bytes.
fn compaction_rate(plan: &Plan, shards: u64) -> u64 {
    let text = plan.config.text("log.cleaner.io.max.bytes.per.second");
    let rate = text.and_then(|text| text.parse::<f64>().ok()).filter(|rate| *rate > 0.0);
    match rate {
        // Bytes are counted, so that a fraction does not matter; the default is far above 2^64.
        Some(rate) if rate < 1e18 => ((rate as u64) / shards).max(1),
        _ => u64::MAX,
    }
}

/// What the operator says of flushing. Through the page cache there is nothing to measure.
fn flush_choice(plan: &Plan, devices: Devices) -> FlushChoice {
    match plan.config.text("journal.flush.method") {
        Some("dsync") => FlushChoice::Always(FlushMethod::Dsync),
        Some("fdatasync") => FlushChoice::Always(FlushMethod::Fdatasync),
        _ if !devices.direct => FlushChoice::Always(FlushMethod::Fdatasync),
        Some("measure") => FlushChoice::Measure,
        _ => FlushChoice::Measured,
    }
}

fn server_options(plan: &Plan, listener: String) -> ServerOptions {
    let size = |key: &str| plan.config.int(key).and_then(|n| usize::try_from(n).ok());
    let usual = ServerOptions::default();
    let idle = plan.config.int("connections.max.idle.ms").and_then(|n| u64::try_from(n).ok());
    ServerOptions {
        frame_bytes_max: size("socket.request.max.bytes").unwrap_or(usual.frame_bytes_max),
        idle_time_max: idle.map_or(Duration::MAX, Duration::from_millis),
        connections_max: match plan.config.given("max.connections") {
            Some(_) => size("max.connections").unwrap_or(usual.connections_max),
            // Kafka's default is no limit; ours is finite.
            None => usual.connections_max,
        },
        fetch_bytes_max: size("fetch.max.bytes").unwrap_or(usual.fetch_bytes_max),
        stop_time_max: STOP_TIME,
        listener,
        tells_answered: plan.log_level >= tracing::Level::DEBUG,
        listen: Rc::new(tell),
        ..usual
    }
}

/// Writes a notice into the log. A full disk refuses writes until somebody gives it room: that is a
/// warning, whoever reads only those must see it. The rest comes from what clients do.
fn tell(notice: &Notice) {
    match notice {
        Notice::Disk(change) if change.is_full => tracing::warn!("{notice}"),
        Notice::Answered(_) => tracing::debug!("{notice}"),
        Notice::Disk(_)
        | Notice::TopicCreatedByUse { .. }
        | Notice::Closed { .. }
        | Notice::TooManyConnections { .. }
        | Notice::AcceptFailed { .. } => tracing::info!("{notice}"),
    }
}

/// What broke, with its place, as it is met: whoever is woken at night finds it in the log.
async fn tell_faults(node: Node) {
    let mut known = node.faults().len();
    loop {
        let faults = node.faults_beyond(known).await;
        for fault in &faults[known..] {
            tracing::error!("{fault}");
        }
        known = faults.len();
    }
}

fn say_hello(
    core: &Core,
    plan: &Plan,
    node: &Node,
    addresses: &[SocketAddr],
) -> Result<(), Failure> {
    let report = node.report();
    let program = std::env::args().next().unwrap_or_else(|| "bobbin".into());
    let ms = report.took.as_millis();
    let found = match report.formatted {
        true => "formatted now".to_string(),
        false => format!("{} topics, recovered in {ms} ms", node.image().topic_count()),
    };
    let first = addresses.first().map_or(9092, SocketAddr::port);
    let reach = addresses
        .iter()
        .find(|a| a.ip().is_loopback())
        .map_or(format!("127.0.0.1:{first}"), ToString::to_string);
    let banner = Banner {
        program: &program,
        data_dirs: plan.data_dirs.iter().map(|dir| dir.as_path()).collect(),
        found,
        cluster: report.cluster.to_string(),
        node_id: plan.node_id,
        cores: CORES_SERVING,
        memory_bytes: plan.memory_bytes,
        driver: core.ring_flags(),
        listeners: addresses.iter().map(ToString::to_string).collect(),
        reach,
        creates_topics: plan.config.bool("auto.create.topics.enable"),
    };
    for shard in &report.shards {
        if let Some(fault) = &shard.fault {
            tracing::error!("{}: does not serve: {fault}", shard.place);
        }
        tracing::info!("{}: {}", shard.place, shard.in_words());
    }
    let mut out = Out::new();
    out.bytes(banner.text().as_bytes())?;
    out.flush()
}
