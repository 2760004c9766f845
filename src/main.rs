//! The program `server`: reads the settings, opens the site, serves it.

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
    sync::Arc,
    thread,
    time::Duration,
};

use clap::Parser;
use pagepool::{
    access_log::{AccessLog, Format},
    announcement::{self, Announcement},
    app::{App, Hosts},
    cli::Cli,
    config::{Config, DEFAULT_PORT, Fallback},
    server::{self, Options, Port, Server},
    signals,
    site::{self, Site, SiteOptions, SiteValues},
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match cli.load(std::env::vars_os()) {
        Ok(config) => config,
        Err(error) => return fail(2, &error),
    };
    if cli.check_config {
        println!("the configuration is valid");
        return ExitCode::SUCCESS;
    }
    match serve(&config, cli.port.is_some()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &*error),
    }
}

fn fail(code: u8, error: &dyn Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(code)
}

/// Serves until a signal ends it.
fn serve(config: &Config, is_port_typed: bool) -> Result<(), Box<dyn Error>> {
    let site = Site::open(&config.root, site_options(config))?;
    let port = port(config, is_port_typed);
    let listeners = server::bind(&config.host, port)?;
    let addresses = listeners.iter().map(|l| l.local_addr()).collect::<io::Result<Vec<_>>>()?;
    let ips: Vec<_> = addresses.iter().map(SocketAddr::ip).collect();
    let hosts = Hosts::new(&ips, config.allowed_hosts.clone());
    let app = Arc::new(App::new(site, hosts, config.production));

    let options = options(config);
    let (log, events) = AccessLog::start(config.log, config.quiet)?;
    let server = Server::start(listeners, app.clone(), options, events)?;
    let stopper = server.stopper();
    signals::on_end(move || stopper.stop())?;

    let config = config.clone();
    // On a thread of its own: a blocked terminal must not keep the program from ending.
    thread::spawn(move || announce(&config, &addresses, || app.site().count_pages()));
    server.join();
    log.finish(Duration::from_secs(1));
    Ok(())
}

/// The default port moves on where it is taken, in development; any other was
/// chosen, and must be had or nothing.
fn port(config: &Config, is_typed: bool) -> Port {
    if is_typed || config.production || config.port != DEFAULT_PORT {
        Port::Exactly(config.port)
    } else {
        Port::From(config.port)
    }
}

fn site_options(config: &Config) -> SiteOptions {
    SiteOptions {
        production: config.production,
        fallback: match config.fallback() {
            Fallback::NotFound => site::Fallback::NotFound,
            Fallback::Auto | Fallback::Echo => site::Fallback::Echo,
        },
        site: SiteValues::new(&config.site),
        exclude: config.templates.exclude.clone(),
        fuel: config.templates.fuel,
        types: Default::default(),
        cache_max_bytes: 64 * 1024 * 1024,
    }
}

fn options(config: &Config) -> Options {
    let max_connections = server::raise_limit(config.max_connections);
    if max_connections < config.max_connections {
        eprintln!(
            "warning: the system allows {max_connections} connections, not {}; raise its limit on \
             open files (`ulimit -n`) or lower `max_connections`",
            config.max_connections
        );
    }
    Options {
        threads: config.threads(),
        stack_bytes: site::RENDER_STACK_BYTES,
        max_connections,
        shutdown_grace: Duration::from_secs(config.shutdown_grace_secs),
        head_timeout: Duration::from_secs(config.head_timeout_secs),
        idle_timeout: Duration::from_secs(config.idle_timeout_secs),
        stall_timeout: Duration::from_secs(config.stall_timeout_secs),
        limits: config.limits(),
        keeps_heads: config.print_requests,
        is_quiet: config.quiet && !config.print_requests,
    }
}

/// Says where the site is; the first line before the pages are counted, which
/// takes its time on a large folder while the server already answers.
fn announce(
    config: &Config,
    addresses: &[SocketAddr],
    count_pages: impl FnOnce() -> usize,
) -> io::Result<()> {
    // Access lines of the other formats are for programs to read.
    let mut out: Box<dyn Write> =
        if config.log == Format::Text { Box::new(io::stdout()) } else { Box::new(io::stderr()) };
    let port = addresses.first().map_or(config.port, SocketAddr::port);
    if port != config.port && config.port != 0 {
        writeln!(out, "Port {} is in use; taking the next free one", config.port)?;
    }
    writeln!(out, "Server started on port {port}")?;
    let announcement = Announcement {
        addresses,
        is_localhost: config.host == "localhost",
        root: Path::new(&config.root),
        pages: count_pages(),
        threads: config.threads(),
        network_address: announcement::network_address(),
    };
    write!(out, "{}", announcement.text())?;
    if config.open
        && let Err(error) = open::that_detached(announcement.url())
    {
        writeln!(out, "  Cannot open a browser: {error}")?;
    }
    out.flush()
}
