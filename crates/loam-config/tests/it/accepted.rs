//! Configurations that are right, and what they come to.

use loam_address::ModulePath;
use loam_config::{Config, Input, InputContent, InputOrigin, Inputs, InstalledModule, Manifest};
use loam_value::Value;

use crate::dump::dump;
use crate::support::{find_backend_in, load_files, load_given, load_with};

/// Every block and argument of the language at least once.
const EVERYTHING: &str = r#"
terraform {
  required_version = ">= 1.5, < 2.0"
  required_providers {
    test = {
      source  = "acme/test"
      version = "~> 1.2"
    }
    other = {
      source = "registry.opentofu.org/acme/test"
    }
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
  backend "local" {
    path = "x"
  }
}
variable "plain" {}
variable "typed" {
  type        = object({ a = number, b = optional(string, "x") })
  default     = { a = "1" }
  description = "What it is."
  sensitive   = true
  nullable    = false
  validation {
    condition     = var.typed.a > local.least
    error_message = "Too small: ${var.typed.a}."
  }
}
variable "secret" {
  type       = string
  ephemeral  = true
  default    = null
  deprecated = "Not needed."
}
variable "items" {
  type    = list
  default = ["a"]
}
locals {
  least = 0
  names = [for i in var.items : upper(i)]
}
provider "test" {
  token = var.secret
}
provider "test" {
  alias    = "all"
  for_each = toset(var.items)
  token    = each.key
}
provider "other" {
  alias = "west"
}
resource "test_server" "web" {
  for_each   = toset(var.items)
  provider   = test.all[each.key]
  depends_on = [terraform_data.a, module.net, var.plain]
  name       = "web-${each.key}"
  tags       = { for k, v in var.typed : k => v }
  disk {
    size = 1
  }
  dynamic "disk" {
    for_each = var.items
    iterator = it
    content {
      size = it.key
      kind = each.value
    }
  }
  label "x" {
    port = 1
  }
  lifecycle {
    create_before_destroy = true
    prevent_destroy       = var.plain
    ignore_changes        = [tags["x"], tags.y, size, disk[0].size]
    replace_triggered_by  = [terraform_data.a, terraform_data.b[each.key].output]
    precondition {
      condition     = var.plain != ""
      error_message = "Empty."
    }
    postcondition {
      condition     = self.id != ""
      error_message = "No id."
    }
    action_trigger {
      events    = [after_create, before_update]
      condition = var.plain
      actions   = [action.test_reboot.now["x"]]
    }
  }
}
resource "test_server" "west" {
  provider = other.west
  name     = "west"
  lifecycle {
    enabled        = var.plain
    destroy        = false
    ignore_changes = all
  }
}
resource "terraform_data" "a" {
  count = 2
  input = [count.index, path.module, path.root, path.cwd, terraform.workspace, loam.workspace]
}
resource "terraform_data" "b" {
  for_each = { x = 1 }
  input    = [terraform_data.a[0].id, terraform_data.a[*].id, terraform_data.a]
}
data "test_image" "i" {
  name = resource.test_server.west.name
}
action "test_reboot" "now" {
  for_each = toset(["x"])
  provider = other.west
  config {
    server = test_server.web[each.key].id
  }
}
module "net" {
  source  = "./net"
  for_each = toset(["n"])
  providers = {
    test       = test
    test.extra = other.west
  }
  size  = each.key
  _ {
    ports = var.items
  }
}
module "off" {
  source    = "./net"
  providers = { test.extra = other.west }
  size      = 1
  lifecycle {
    enabled = false
  }
}
check "healthy" {
  data "test_image" "seen" {
    name = "x"
  }
  assert {
    condition     = data.test_image.seen.name == "x"
    error_message = "Not seen."
  }
}
output "all" {
  value       = module.net["n"].id
  description = "Its id."
  sensitive   = true
  depends_on  = [test_server.west]
  precondition {
    condition     = var.plain != null
    error_message = "No."
  }
}
moved {
  from = terraform_data.old
  to   = terraform_data.a[1]
}
moved {
  from = module.before
  to   = module.net["n"]
}
removed {
  from = module.gone.terraform_data.x
  lifecycle {
    destroy = false
  }
}
import {
  for_each = var.items
  to       = test_server.web[each.value]
  id       = "id-${each.key}"
}
import {
  to = module.net["n"].terraform_data.x
  id = "1"
}
"#;

/// The same in JSON.
const EVERYTHING_JSON: &str = r#"
{
  "//": "a comment",
  "terraform": {
    "required_version": ">= 1.5, < 2.0",
    "required_providers": {
      "test": {"source": "acme/test", "version": "~> 1.2"},
      "other": {"source": "registry.opentofu.org/acme/test"},
      "terraform": {"source": "terraform.io/builtin/terraform"}
    },
    "backend": {"local": {"path": "x"}}
  },
  "variable": {
    "plain": {},
    "typed": {
      "type": "object({ a = number, b = optional(string, \"x\") })",
      "default": {"a": "1"},
      "description": "What it is.",
      "sensitive": true,
      "nullable": false,
      "validation": {
        "condition": "${var.typed.a > local.least}",
        "error_message": "Too small: ${var.typed.a}."
      }
    },
    "secret": {"type": "string", "ephemeral": true, "default": null, "deprecated": "Not needed."},
    "items": {"type": "list", "default": ["a"]}
  },
  "locals": {"least": 0, "names": "${[for i in var.items : upper(i)]}"},
  "provider": {
    "test": [
      {"token": "${var.secret}"},
      {"alias": "all", "for_each": "${toset(var.items)}", "token": "${each.key}"}
    ],
    "other": {"alias": "west"}
  },
  "resource": {
    "test_server": {
      "web": {
        "for_each": "${toset(var.items)}",
        "provider": "test.all[each.key]",
        "depends_on": ["terraform_data.a", "module.net", "var.plain"],
        "name": "web-${each.key}",
        "tags": "${{ for k, v in var.typed : k => v }}",
        "disk": [{"size": 1}],
        "dynamic": {
          "disk": {
            "for_each": "${var.items}",
            "iterator": "it",
            "content": {"size": "${it.key}", "kind": "${each.value}"}
          }
        },
        "label": {"x": {"port": 1}},
        "lifecycle": {
          "create_before_destroy": true,
          "prevent_destroy": "${var.plain}",
          "ignore_changes": ["tags[\"x\"]", "tags.y", "size", "disk[0].size"],
          "replace_triggered_by": ["terraform_data.a", "terraform_data.b[each.key].output"],
          "precondition": {"condition": "${var.plain != \"\"}", "error_message": "Empty."},
          "postcondition": {"condition": "${self.id != \"\"}", "error_message": "No id."},
          "action_trigger": {
            "events": ["after_create", "before_update"],
            "condition": "${var.plain}",
            "actions": ["action.test_reboot.now[\"x\"]"]
          }
        }
      },
      "west": {
        "provider": "other.west",
        "name": "west",
        "lifecycle": {"enabled": "${var.plain}", "destroy": false, "ignore_changes": "all"}
      }
    },
    "terraform_data": {
      "a": {
        "count": 2,
        "input": ["${count.index}", "${path.module}", "${path.root}", "${path.cwd}", "${terraform.workspace}", "${loam.workspace}"]
      },
      "b": {
        "for_each": {"x": 1},
        "input": ["${terraform_data.a[0].id}", "${terraform_data.a[*].id}", "${terraform_data.a}"]
      }
    }
  },
  "data": {"test_image": {"i": {"name": "${resource.test_server.west.name}"}}},
  "action": {
    "test_reboot": {
      "now": {
        "for_each": "${toset([\"x\"])}",
        "provider": "other.west",
        "config": {"server": "${test_server.web[each.key].id}"}
      }
    }
  },
  "module": {
    "net": {
      "source": "./net",
      "for_each": "${toset([\"n\"])}",
      "providers": {"test": "test", "test.extra": "other.west"},
      "size": "${each.key}",
      "_": {"ports": "${var.items}"}
    },
    "off": {
      "source": "./net",
      "providers": {"test.extra": "other.west"},
      "size": 1,
      "lifecycle": {"enabled": false}
    }
  },
  "check": {
    "healthy": {
      "data": {"test_image": {"seen": {"name": "x"}}},
      "assert": [{"condition": "${data.test_image.seen.name == \"x\"}", "error_message": "Not seen."}]
    }
  },
  "output": {
    "all": {
      "value": "${module.net[\"n\"].id}",
      "description": "Its id.",
      "sensitive": true,
      "depends_on": ["test_server.west"],
      "precondition": {"condition": "${var.plain != null}", "error_message": "No."}
    }
  },
  "moved": [
    {"from": "terraform_data.old", "to": "terraform_data.a[1]"},
    {"from": "module.before", "to": "module.net[\"n\"]"}
  ],
  "removed": {"from": "module.gone.terraform_data.x", "lifecycle": {"destroy": false}},
  "import": [
    {"for_each": "${var.items}", "to": "test_server.web[each.value]", "id": "id-${each.key}"},
    {"to": "module.net[\"n\"].terraform_data.x", "id": "1"}
  ]
}
"#;

const NET: &str = r#"
terraform {
  required_providers {
    test = {
      source                = "acme/test"
      configuration_aliases = [test.extra]
    }
  }
}
variable "size" {}
variable "ports" { default = [] }
resource "terraform_data" "x" {
  input = var.size
}
output "id" { value = terraform_data.x.id }
"#;

#[test]
fn everything_loads() {
    let loaded = load_files(&[("main.tf", EVERYTHING), ("net/main.tf", NET)]);
    let root = dump(loaded.root());
    assert_eq!(loaded.report, "");
    insta::assert_snapshot!(root);
}

#[test]
fn json_means_the_same() {
    let native = load_files(&[("main.tf", EVERYTHING), ("net/main.tf", NET)]);
    let json = load_files(&[("main.tf.json", EVERYTHING_JSON), ("net/main.tf", NET)]);
    assert_eq!(json.report, "");
    assert_eq!(dump(json.root()), dump(native.root()));
}

#[test]
fn modules_appear_once_for_each_call_path() {
    let net = r#"module "deep" { source = "../deep" }"#;
    let loaded = load_files(&[
        (
            "main.tf",
            r#"
            module "a" { source = "./net" }
            module "b" { source = "./net" }
            "#,
        ),
        ("net/main.tf", net),
        ("deep/main.tf", r#"output "dir" { value = path.module }"#),
    ]);
    loaded.root();
    let config = loaded.config.as_ref().expect("right");
    let modules: Vec<String> = config
        .modules
        .iter()
        .map(|(path, m)| format!("{path} in {}", m.dir.display()))
        .collect();
    assert_eq!(
        modules,
        [
            " in .",
            "module.a in net",
            "module.a.module.deep in deep",
            "module.b in net",
            "module.b.module.deep in deep",
        ]
    );
    let root = ModulePath::root();
    let children: Vec<&str> = config.children(&root).map(|(n, _)| &**n).collect();
    assert_eq!(children, ["a", "b"]);
    let sources: Vec<&str> = config.sources.keys().map(String::as_str).collect();
    assert_eq!(sources, ["deep/main.tf", "main.tf", "net/main.tf"]);
}

#[test]
fn installed_modules_are_found_by_the_manifest() {
    let mut manifest = Manifest::new();
    manifest.modules.insert(
        "net".into(),
        InstalledModule {
            source: "registry.terraform.io/acme/net/test".into(),
            version: Some("1.0.0".into()),
            dir: ".loam/modules/net".into(),
        },
    );
    let read = Manifest::parse(&manifest.to_json()).expect("what was written");
    assert_eq!(read, manifest);
    let files = [
        (
            "main.tf",
            "module \"net\" {\n  source  = \"acme/net/test\"\n  version = \"~> 1.0\"\n}\n",
        ),
        (".loam/modules/net/main.tf", "output \"x\" { value = 1 }"),
    ];
    let loaded = load_with(&files, &manifest);
    loaded.root();
    let config = loaded.config.as_ref().expect("right");
    assert!(config.module(&ModulePath::root().child("net")).is_some());

    for (call, problem) in [
        ("source = \"acme/other/test\"", "Module source has changed"),
        (
            "source = \"acme/net/test\"\n  version = \">= 2\"",
            "Module version requirements have changed",
        ),
        (
            "source = \"acme/net/test\"\n  version = \"x\"",
            "Invalid version constraint",
        ),
        (
            "source = \"./net\"\n  version = \"1\"",
            "Invalid registry module source address",
        ),
        ("source = \"net\"", "Invalid module source address"),
    ] {
        let text = format!("module \"net\" {{\n  {call}\n}}\n");
        let report = load_with(&[("main.tf", &text)], &manifest).report;
        assert!(report.starts_with(&format!("error: {problem}")), "{report}");
    }
    // The folder was deleted.
    let report = load_with(&files[..1], &manifest).report;
    assert!(
        report.starts_with("error: Module not installed"),
        "{report}"
    );
}

#[test]
fn override_files_change_blocks_of_other_files() {
    let loaded = load_files(&[
        (
            "main.tf",
            r#"
            terraform {
              required_version = ">= 99"
              required_providers {
                test = { source = "example.com/not/at-hand" }
              }
            }
            variable "v" {
              type    = number
              default = 1
            }
            locals { l = 1 }
            output "o" { value = 1 }
            provider "test" { token = "a" }
            resource "test_server" "s" {
              name = "base"
              size = 1
              disk { size = 1 }
              disk { size = 2 }
              rule { port = 1 }
              lifecycle {
                create_before_destroy = true
                ignore_changes        = [size]
              }
            }
            module "m" {
              source = "./nowhere"
              size   = 1
            }
            "#,
        ),
        ("net/main.tf", "variable \"size\" {}\n"),
        (
            "a_override.tf",
            r#"
            terraform {
              required_version = ">= 1.0"
              required_providers {
                test = { version = ">= 0.1" }
              }
            }
            variable "v" { default = "2" }
            locals { l = 2 }
            output "o" {
              value     = 2
              sensitive = true
            }
            provider "test" { token = "b" }
            resource "test_server" "s" {
              name = "first"
              disk { size = 3 }
              lifecycle { ignore_changes = all }
            }
            module "m" { source = "./net" }
            "#,
        ),
        (
            "override.tf.json",
            r#"{"resource": {"test_server": {"s": {"name": "second"}}}}"#,
        ),
    ]);
    insta::assert_snapshot!(dump(loaded.root()));
}

#[test]
fn sources_and_backends_may_be_made_from_what_is_known_before_planning() {
    let files = [
        (
            "main.tf",
            r#"
            terraform {
              backend "local" {
                path = "${local.folder}/${var.version_of}.db"
              }
            }
            variable "version_of" {
              type    = string
              default = "v1"
            }
            variable "unset" {}
            locals {
              folder = "./modules"
              later  = terraform_data.a.id
            }
            resource "terraform_data" "a" {}
            module "net" {
              source = "${local.folder}/${var.version_of}"
              inner  = "inner"
            }
            "#,
        ),
        (
            "modules/v1/main.tf.json",
            r#"{"variable": {"inner": {}}, "module": {"x": {"source": "../${var.inner}"}}}"#,
        ),
        ("modules/v2/main.tf", "variable \"inner\" {}\n"),
        ("modules/inner/main.tf", "output \"o\" { value = 1 }\n"),
    ];
    let dirs = |config: &Config| -> Vec<String> {
        let dirs = config.modules.values().map(|m| m.dir.display().to_string());
        dirs.collect()
    };
    let loaded = load_files(&files);
    loaded.root();
    let config = loaded.config.as_ref().expect("right");
    assert_eq!(dirs(config), [".", "modules/v1", "modules/inner"]);

    let given = Inputs::from([(
        "version_of".into(),
        Input {
            content: InputContent::Text("v2".into()),
            origin: InputOrigin::Option,
        },
    )]);
    let loaded = load_given(&files, &Manifest::new(), &given);
    loaded.root();
    let config = loaded.config.as_ref().expect("right");
    assert_eq!(dirs(config), [".", "modules/v2"]);

    let kind_and_path = |inputs: &Inputs| {
        let backend = find_backend_in(&files, inputs).expect("a backend");
        let path = backend
            .arguments
            .map(|a| a.get("path").map(|(v, _)| v.clone()));
        (backend.kind.to_string(), path.ok().flatten())
    };
    let path = Some(Value::string("./modules/v2.db"));
    assert_eq!(kind_and_path(&given), ("local".to_owned(), path));
    let wrong = [(
        "main.tf",
        "terraform {\n  backend \"local\" {\n    path = var.none\n  }\n}\n",
    )];
    let found = find_backend_in(&wrong, &Inputs::new()).expect("a backend");
    assert!(found.arguments.is_err());
    assert!(find_backend_in(&[("main.tf", "# no backend\n")], &Inputs::new()).is_none());
}

#[test]
fn what_can_be_waited_for() {
    let loaded = load_files(&[
        (
            "main.tf",
            r#"
            resource "terraform_data" "a" { count = 2 }
            module "m" { source = "./m" }
            resource "terraform_data" "b" {
              depends_on = [terraform_data.a, terraform_data.a[0], module.m, module.m.out, path.module]
            }
            "#,
        ),
        ("m/main.tf", "output \"out\" { value = 1 }\n"),
    ]);
    let dump = dump(loaded.root());
    let line = dump.lines().find(|l| l.starts_with("terraform_data.b"));
    assert_eq!(
        line,
        Some(
            "terraform_data.b provider=terraform (terraform) depends_on=[terraform_data.a, \
             terraform_data.a[0], module.m, module.m.out]"
        )
    );
}

#[test]
fn an_empty_provider_block_gives_way_to_what_is_passed() {
    let loaded = load_files(&[
        (
            "main.tf",
            r#"
            provider "test" { token = "x" }
            module "passed" {
              source    = "./m"
              count     = 2
              providers = {
                test       = test
                test.other = test
              }
            }
            module "own" { source = "./m" }
            "#,
        ),
        (
            "m/main.tf",
            r#"
            provider "test" {}
            provider "test" { alias = "other" }
            resource "test_server" "x" {
              provider = test.other
              name     = "x"
            }
            "#,
        ),
    ]);
    loaded.root();
    let config = loaded.config.as_ref().expect("right");
    let providers = |name: &str| {
        let module = config.module(&ModulePath::root().child(name));
        module.map(|m| m.providers.len())
    };
    assert_eq!(providers("passed"), Some(0));
    assert_eq!(providers("own"), Some(2));
}

/// Files as a user has them in the middle of typing: nothing that is missing or doubled
/// may bring loading down, and whatever is refused is refused with a reason.
#[test]
fn damaged_configurations_are_refused_with_a_reason() {
    for (name, text) in [("main.tf", EVERYTHING), ("main.tf.json", EVERYTHING_JSON)] {
        let lines: Vec<&str> = text.lines().collect();
        for i in 0..lines.len() {
            let without = [&lines[..i], &lines[i + 1..]].concat().join("\n");
            let doubled = [&lines[..=i], &lines[i..]].concat().join("\n");
            let cut = lines[..i].join("\n");
            for damaged in [without, doubled, cut] {
                let loaded = load_files(&[(name, &damaged), ("net/main.tf", NET)]);
                let told = loaded.report.contains("error: ");
                assert_eq!(loaded.config.is_none(), told, "{damaged}");
            }
        }
    }
}
