//! The address of a Redis, taken apart: one server, a set of Sentinels, or a cluster.
//!
//! The crate knows `redis://` and `rediss://` only. The other forms name several hosts, which is no
//! URL by the standard, so the parts are cut here and each host is handed to the crate as a URL.

use super::link::{RESPONSE_WITHIN, WRITTEN_AT_ONCE};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{Client, ConnectionInfo, RedisResult, TlsCertificates, TlsMode};
use std::time::Duration;

/// How long a server may take to accept a connection.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Redirections and reconnections within one question to a cluster; enough for a node that moved.
const CLUSTER_RETRIES: u32 = 3;

/// Where the documents are.
pub(super) struct Address {
    pub(super) target: RedisTarget,
    /// The hash tag of all keys.
    pub(super) namespace: String,
}

/// What to connect to. Building one contacts nobody.
pub(super) enum RedisTarget {
    Server(Client),
    Sentinel(Sentinels),
    Cluster(Box<ClusterClient>),
}

/// The Sentinels that know which server leads.
pub(super) struct Sentinels {
    nodes: Vec<ConnectionInfo>,
    master: String,
    tls: Option<TlsCertificates>,
    user: Option<String>,
    password: Option<String>,
}

/// An address, cut into its parts but not understood yet.
struct Parts<'a> {
    /// What follows `redis-` or `rediss-`.
    kind: Option<&'a str>,
    is_encrypted: bool,
    /// `user:password@`, or nothing.
    login: &'a str,
    hosts: Vec<&'a str>,
    path: Vec<&'a str>,
    options: AddressOptions,
}

/// What follows the question mark.
#[derive(Default)]
struct AddressOptions {
    namespace: Option<String>,
    ca: Option<String>,
    sentinel_user: Option<String>,
    sentinel_password: Option<String>,
}

impl Address {
    /// # Errors
    /// What is wrong, without repeating the address, which may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let parts = Parts::cut(url)?;
        let target = parts.target()?;
        let namespace = parts.options.namespace.unwrap_or_else(|| "jules".to_owned());
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if namespace.is_empty() || !namespace.chars().all(plain) {
            return Err("`namespace` takes letters, digits, `-` and `_`".to_owned());
        }
        Ok(Self { target, namespace })
    }
}

impl<'a> Parts<'a> {
    fn cut(url: &'a str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("the address has no `://`")?;
        let mut words = scheme.splitn(2, '-');
        let is_encrypted = match words.next().unwrap_or_default() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(format!("`{scheme}://` is not known")),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        Ok(Self {
            kind: words.next(),
            is_encrypted,
            login,
            hosts: hosts.split(',').collect(),
            path: path.split('/').filter(|part| !part.is_empty()).collect(),
            options: AddressOptions::parse(query)?,
        })
    }

    fn target(&self) -> Result<RedisTarget, String> {
        let built = match (self.kind, &self.hosts[..], &self.path[..]) {
            (None, [host], []) => self.server(host, "0"),
            (None, [host], [db]) => self.server(host, db),
            (Some("sentinel"), hosts, [master]) => self.sentinels(hosts, master, "0"),
            (Some("sentinel"), hosts, [master, db]) => self.sentinels(hosts, master, db),
            (Some("cluster"), hosts, []) => self.cluster(hosts),
            (None, ..) => return Err("`redis://` takes one host and at most a db".to_owned()),
            (Some("sentinel"), ..) => {
                return Err("`redis-sentinel://` takes hosts, `/` and the master's name".to_owned());
            }
            (Some("cluster"), ..) => return Err("`redis-cluster://` takes hosts only".to_owned()),
            (Some(other), ..) => return Err(format!("`redis-{other}://` is not known")),
        };
        built.map_err(|error| format!("the address makes no sense: {}", error.category()))
    }

    fn server(&self, host: &str, db: &str) -> RedisResult<RedisTarget> {
        self.client(host, db).map(RedisTarget::Server)
    }

    fn sentinels(&self, hosts: &[&str], master: &str, db: &str) -> RedisResult<RedisTarget> {
        let node = |host: &&str| Ok(self.client(host, db)?.get_connection_info().clone());
        Ok(RedisTarget::Sentinel(Sentinels {
            nodes: hosts.iter().map(node).collect::<RedisResult<_>>()?,
            master: master.to_owned(),
            tls: self.certificates()?,
            user: self.options.sentinel_user.clone(),
            password: self.options.sentinel_password.clone(),
        }))
    }

    fn cluster(&self, hosts: &[&str]) -> RedisResult<RedisTarget> {
        let nodes: Vec<String> = hosts.iter().map(|host| self.node(host, "0")).collect();
        let mut builder = ClusterClientBuilder::new(nodes)
            .connection_timeout(CONNECT_WITHIN)
            .response_timeout(RESPONSE_WITHIN)
            .write_backpressure_boundary(WRITTEN_AT_ONCE)
            .retries(CLUSTER_RETRIES);
        if let Some(certificates) = self.certificates()? {
            builder = builder.certs(certificates);
        }
        Ok(RedisTarget::Cluster(Box::new(builder.build()?)))
    }

    fn client(&self, host: &str, db: &str) -> RedisResult<Client> {
        match self.certificates()? {
            Some(certificates) => Client::build_with_tls(self.node(host, db), certificates),
            None => Client::open(self.node(host, db)),
        }
    }

    /// One host as the crate takes it.
    fn node(&self, host: &str, db: &str) -> String {
        let scheme = if self.is_encrypted { "rediss" } else { "redis" };
        format!("{scheme}://{}{host}/{db}", self.login)
    }

    /// Whom to trust, when the connection is encrypted.
    fn certificates(&self) -> RedisResult<Option<TlsCertificates>> {
        if !self.is_encrypted {
            return Ok(None);
        }
        platform::tls::install();
        let root_cert = self.options.ca.as_ref().map(std::fs::read).transpose()?;
        Ok(Some(TlsCertificates { client_tls: None, root_cert }))
    }
}

impl AddressOptions {
    fn parse(query: &str) -> Result<Self, String> {
        let mut options = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let option = match &*name {
                "namespace" => &mut options.namespace,
                "ca" => &mut options.ca,
                "sentinel_user" => &mut options.sentinel_user,
                "sentinel_password" => &mut options.sentinel_password,
                _ => return Err(format!("the option `{name}` is not known")),
            };
            *option = Some(value.into_owned());
        }
        Ok(options)
    }
}

impl Sentinels {
    /// A client that asks them again.
    pub(super) fn client(&self) -> RedisResult<SentinelClient> {
        let addresses = self.nodes.iter().map(|node| node.addr().clone());
        let mut builder =
            SentinelClientBuilder::new(addresses, &self.master, SentinelServerType::Master)?;
        if let Some(certificates) = &self.tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(certificates.clone())
                .set_client_to_sentinel_tls_mode(TlsMode::Secure)
                .set_client_to_sentinel_certificates(certificates.clone());
        }
        if let Some(node) = self.nodes.first() {
            let server = node.redis_settings();
            builder = builder.set_client_to_redis_db(server.db());
            if let Some(user) = server.username() {
                builder = builder.set_client_to_redis_username(user);
            }
            if let Some(password) = server.password() {
                builder = builder.set_client_to_redis_password(password);
            }
        }
        if let Some(user) = &self.user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = &self.password {
            builder = builder.set_client_to_sentinel_password(password);
        }
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood() {
        for url in [
            "redis://localhost",
            "redis://:secret@db.example.com:6380/3",
            "redis://u%40x:p%2Fw@[::1]:6379/0?namespace=team-a",
            "rediss://cache.example.com",
            "redis-sentinel://one:26379,two:26379,three:26379/mymaster",
            "rediss-sentinel://:pw@one:26379/mymaster/2?sentinel_password=x",
            "redis-cluster://one:7000,two:7001?namespace=b",
            "rediss-cluster://u:p@one:7000",
        ] {
            assert!(Address::parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn nonsense_is_refused_without_repeating_a_password() {
        for url in [
            "redis:localhost",
            "redis-other://x:hunter2@localhost",
            "redis://:hunter2@one,two",
            "redis://:hunter2@host/not-a-number",
            "redis://:hunter2@host:port",
            "redis-sentinel://:hunter2@one:1",
            "redis-cluster://:hunter2@one:1/3",
            "redis://:hunter2@one?namespce=a",
            "redis://:hunter2@one?namespace=a}b",
            "rediss://:hunter2@one?ca=/does/not/exist",
        ] {
            let reason = Address::parse(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(!reason.contains("hunter2"), "{reason}");
        }
    }

    #[test]
    fn a_login_reaches_the_crate_decoded() {
        let Ok(Address { target: RedisTarget::Server(client), namespace }) =
            Address::parse("redis://u%40x:p%2Fw@host:1/4")
        else {
            panic!("one server");
        };
        let settings = client.get_connection_info().redis_settings().clone();
        assert_eq!(settings.username(), Some("u@x"));
        assert_eq!(settings.password(), Some("p/w"));
        assert_eq!(settings.db(), 4);
        assert_eq!(namespace, "jules");
    }
}
