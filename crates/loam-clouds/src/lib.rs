//! Descriptions of the clouds that Loam knows, embedded in the binary.
//!
//! Goes out: texts by provider name, for `loam-rest` to read. A description is one file or
//! a folder of files. Nothing else is here, and nothing elsewhere knows these clouds.

/// A cloud's description.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The provider's name.
    pub name: &'static str,
    /// Its files, each with its path in this crate's sources and its text.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! description {
    ($name:literal: $($file:literal)+) => {
        Description {
            name: $name,
            files: &[$(($file, include_str!($file))),+],
        }
    };
}

/// Every description.
pub const fn all() -> &'static [Description] {
    ALL
}

const ALL: &[Description] = &[
    description!("cyberpanel":
        "cyberpanel/provider.hcl"
        "cyberpanel/vps.hcl"
        "cyberpanel/data_account.hcl"
        "cyberpanel/data.hcl"
        "cyberpanel/actions.hcl"),
    description!("serverspace":
        "serverspace/provider.hcl"
        "serverspace/servers.hcl"
        "serverspace/server_parts.hcl"
        "serverspace/server_backups.hcl"
        "serverspace/networks.hcl"
        "serverspace/gateways.hcl"
        "serverspace/dns.hcl"
        "serverspace/data.hcl"
        "serverspace/data_networks.hcl"
        "serverspace/vmware_servers.hcl"
        "serverspace/vmware_server_parts.hcl"
        "serverspace/vmware_networks.hcl"
        "serverspace/vmware_edges.hcl"
        "serverspace/vmware_data.hcl"
        "serverspace/kubernetes.hcl"
        "serverspace/actions.hcl"),
    description!("vpsorg":
        "vpsorg/provider.hcl"
        "vpsorg/servers.hcl"
        "vpsorg/dns.hcl"
        "vpsorg/data.hcl"
        "vpsorg/data_dns.hcl"
        "vpsorg/actions.hcl"),
    description!("xelon":
        "xelon/provider.hcl"
        "xelon/networks.hcl"
        "xelon/firewalls.hcl"
        "xelon/load_balancers.hcl"
        "xelon/devices.hcl"
        "xelon/device_parts.hcl"
        "xelon/device_data.hcl"
        "xelon/images.hcl"
        "xelon/storage.hcl"
        "xelon/object_storage.hcl"
        "xelon/dns.hcl"
        "xelon/kubernetes.hcl"
        "xelon/tenants.hcl"
        "xelon/legacy.hcl"
        "xelon/actions.hcl"
    ),
    description!("xessone":
        "xessone/provider.hcl"
        "xessone/vps.hcl"
        "xessone/email.hcl"
        "xessone/storage.hcl"
        "xessone/dns.hcl"
        "xessone/actions.hcl"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn files_in(folder: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files_in(&path, found);
            } else if path.extension().is_some_and(|e| e == "hcl") {
                found.insert(path);
            }
        }
    }

    #[test]
    fn every_file_is_embedded() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = BTreeSet::new();
        files_in(&sources, &mut found);
        let embedded = super::all().iter().flat_map(|d| d.files);
        let embedded: BTreeSet<PathBuf> = embedded.map(|(f, _)| sources.join(f)).collect();
        assert_eq!(embedded, found);
    }
}
