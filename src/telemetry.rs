//! What a process tells of itself: lines of the log to stderr, so that stdout stays for what a command is asked for, and
//! traces to a collector where one is named. Traces are sent in batches by a thread of their own and never hold up work.

use std::{io::IsTerminal, time::Duration};

use anyhow::Context;
use hawser_domain::config::{Config, LogFormat};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

/// What a server logs when nothing else is asked for: its own words, and of its libraries only what is wrong.
pub const USUAL_LOGS: &str =
    "warn,hawser=info,hawser_api=info,hawser_domain=info,hawser_providers=info,hawser_workers=info";

/// The longest that sending a batch may take, the last one at the end included.
const PATIENCE: Duration = Duration::from_secs(5);

type Shown = Box<dyn Layer<Registry> + Send + Sync>;

/// Logs as text: for commands that end by themselves.
pub fn logs(default: &str) {
    let _ = tracing_subscriber::registry().with(lines(LogFormat::Text, default)).try_init();
}

fn lines(format: LogFormat, default: &str) -> Shown {
    let filter = EnvFilter::try_from_env("HAWSER_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).with_filter(filter).boxed(),
    }
}

/// What must be told that the process ends.
#[must_use = "the last traces are sent at its end"]
pub struct Telemetry(Option<SdkTracerProvider>);

/// Logs and traces as the settings want them, for servers.
///
/// # Errors
/// When traces cannot be sent to the address at all.
pub fn start(config: &Config) -> anyhow::Result<Telemetry> {
    let traces = config.otlp_url.as_ref().map(|url| provider(url.expose_secret())).transpose()?;
    let spans = traces.as_ref().map(|provider| {
        // Only the house's own spans: those of libraries may hold what was sent.
        let own = EnvFilter::new(
            "off,hawser=info,hawser_api=info,hawser_domain=info,hawser_workers=info,hawser_providers=debug",
        );
        tracing_opentelemetry::layer().with_tracer(provider.tracer("hawser")).with_filter(own)
    });
    let _ = tracing_subscriber::registry().with(lines(config.log_format, USUAL_LOGS)).with(spans).try_init();
    Ok(Telemetry(traces))
}

fn provider(url: &str) -> anyhow::Result<SdkTracerProvider> {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().context("otlp_url")?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Courier { client, runtime: Handle::current() })
        .with_endpoint(format!("{}/v1/traces", url.trim_end_matches('/')))
        .with_timeout(PATIENCE)
        .build()
        .context("otlp_url: traces cannot be sent there")?;
    let resource = Resource::builder().with_service_name("hawser").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Telemetry {
    /// Sends what was not sent yet.
    pub async fn end(self) {
        if let Some(provider) = self.0 {
            // It waits for its thread, which needs this runtime to send.
            let _ = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(PATIENCE)).await;
        }
    }
}

/// Carries batches with our own client, on our own runtime: the thread that makes them has none.
#[derive(Debug)]
struct Courier {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let answer = client.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sent.await??;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }
}
