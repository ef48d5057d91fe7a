//! What is wrong with a configuration, in the words that a user reads.

use crate::support::{load_files, problems};

/// Snapshots what is wrong with a `main.tf`.
fn rejected(name: &str, text: &str) {
    rejected_files(name, &[("main.tf", text)]);
}

/// Snapshots what is wrong with several files.
fn rejected_files(name: &str, files: &[(&str, &str)]) {
    let loaded = load_files(files);
    assert!(
        loaded.config.is_none(),
        "{name} was accepted:\n{}",
        loaded.report
    );
    insta::assert_snapshot!(name, loaded.report);
}

#[test]
fn files() {
    rejected_files("no_files", &[]);
    rejected(
        "module_folder_missing",
        r#"module "m" { source = "./mod" }"#,
    );
    rejected(
        "module_not_installed",
        r#"module "m" { source = "acme/net/test" }"#,
    );
    rejected_files(
        "module_cycle",
        &[
            ("main.tf", r#"module "a" { source = "./a" }"#),
            ("a/main.tf", r#"module "b" { source = "../b" }"#),
            ("b/main.tf", r#"module "a" { source = "../a" }"#),
        ],
    );
    rejected(
        "syntax_errors_hide_others",
        "resource \"terraform_data\" \"a\" {\n  input = [1,\n}\noutput \"o\" { value = var.nope }\n",
    );
}

#[test]
fn duplicates() {
    rejected(
        "duplicates",
        r#"
variable "v" {}
variable "v" {}
locals { l = 1 }
locals { l = 2 }
output "o" { value = 1 }
output "o" { value = 2 }
resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "a" { input = 2 }
data "test_image" "i" { name = "x" }
data "test_image" "i" { name = "x" }
check "c" {
  assert {
    condition     = local.l == 1
    error_message = "no"
  }
}
check "c" {}
provider "test" {}
provider "test" {}
provider "test" { alias = "a" }
provider "test" { alias = "a" }
terraform {
  required_providers {}
  backend "local" {}
}
terraform {
  required_providers {}
  backend "local" {}
}
"#,
    );
    rejected(
        "attribute_redefined",
        "resource \"terraform_data\" \"a\" {\n  input = 1\n  input = 2\n}\n",
    );
}

#[test]
fn undeclared() {
    rejected(
        "undeclared",
        r#"
variable "size" {}
locals { region = "x" }
data "test_image" "disk" { name = "x" }
resource "test_server" "web" { name = "x" }
output "a" { value = var.siez }
output "b" { value = local.regoin }
output "c" { value = test_server.wbe.id }
output "d" { value = test_image.disk.name }
output "e" { value = module.nope.x }
output "f" { value = data.test_image.nope.name }
output "g" { value = vra.size }
output "h" { value = test_server.web.nmae }
output "i" { value = test_server.web.count }
output "j" { value = [for s in [1] : s + nope.nope.x] }
output "k" { value = nofunction(1) }
"#,
    );
}

#[test]
fn names_out_of_place() {
    rejected(
        "names_out_of_place",
        r#"
resource "test_server" "one" { name = each.key }
resource "test_server" "two" { name = "x-${count.index}" }
resource "test_server" "three" {
  for_each = { a = each.value }
  name     = self.id
}
resource "test_server" "four" {
  count = count.index
  name  = each.keys
}
output "o" { value = path.modul }
output "p" { value = terraform.env }
output "q" { value = test_server }
output "r" { value = var }
output "s" { value = data.test_image }
output "t" { value = action.test_reboot.x }
output "u" { value = template.x }
output "v" { value = each.key }
"#,
    );
}

#[test]
fn instance_keys() {
    rejected(
        "instance_keys",
        r#"
resource "test_server" "single" { name = "x" }
resource "test_server" "counted" {
  count = 2
  name  = "x"
}
resource "test_server" "each" {
  for_each = toset(["a"])
  name     = each.key
}
output "a" { value = test_server.single[0].id }
output "b" { value = test_server.counted.id }
output "c" { value = test_server.each.id }
output "d" { value = test_server.counted[*].nope }
output "e" { value = test_server.each["a"].nope }
output "f" { value = test_server.counted[0]["id"] }
output "g" { value = test_server.each["a"][0] }
"#,
    );
}

#[test]
fn self_reference() {
    rejected(
        "self_reference",
        r#"
resource "terraform_data" "a" {
  input = terraform_data.a.id
}
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.b[0].id
}
locals {
  again = [local.again]
}
"#,
    );
}

#[test]
fn editions_and_import_keys() {
    rejected(
        "editions_and_import_keys",
        r#"
terraform {
  experiments = [something]
  language    = TF2099
}
resource "terraform_data" "single" {}
resource "terraform_data" "counted" { count = 2 }
resource "terraform_data" "keyed" { for_each = toset(["a"]) }
import {
  to = terraform_data.single[0]
  id = "1"
}
import {
  to = terraform_data.counted
  id = "2"
}
import {
  to = terraform_data.keyed[0]
  id = "3"
}
import {
  for_each = toset(["a"])
  to       = terraform_data.keyed[each.key]
  id       = each.key
}
"#,
    );
}

#[test]
fn arguments() {
    rejected(
        "arguments",
        r#"
resource "test_server" "a" {
  nmae = "x"
  id   = "y"
  dikc {
    size = 1
  }
  disk {}
  network {
    size = 1
  }
  network {
    size = 2
  }
  label {
    port = 1
  }
}
resource "test_server" "b" {
  name = "x"
  old  = "y"
  disk = []
  disk { size = 1 }
  disk { size = 1 }
  disk { size = 1 }
}
"#,
    );
}

#[test]
fn dynamic_blocks() {
    rejected(
        "dynamic_blocks",
        r#"
resource "test_server" "a" {
  name = "x"
  dynamic "dsik" {
    for_each = []
    content { size = 1 }
  }
  dynamic "disk" {
    for_each = []
  }
  dynamic "disk" {
    for_each = [disk.value]
    iterator = "a b"
    content { size = disk.value }
  }
  dynamic "label" {
    for_each = []
    content { port = labe.value }
  }
  dynamic "label" {
    for_each = []
    labels   = [label.value]
    content { prot = label.value }
  }
  dynamic "rule" {
    content { port = 1 }
    content { port = 2 }
  }
}
"#,
    );
}

#[test]
fn resource_types() {
    rejected(
        "resource_types",
        r#"
resource "terraform_dat" "a" { input = 1 }
resource "test_image" "a" {}
data "test_server" "a" {}
data "test_imag" "a" {}
resource "tst_server" "a" {}
resource "aws_instance" "a" {}
resource "aws_instance" "b" {}
output "o" { value = aws_instance.a.whatever }
resource "1a" "b" {}
resource "test_server" "b c" {}
action "test_rebot" "x" {}
"#,
    );
}

#[test]
fn meta_arguments() {
    rejected(
        "meta_arguments",
        r#"
resource "terraform_data" "both" {
  count    = 1
  for_each = toset(["a"])
}
resource "terraform_data" "deps" {
  depends_on = [terraform_data.nope, terraform_data.both.id, "terraform_data.both", each.key, 1 + 1]
}
resource "terraform_data" "deps2" {
  depends_on = terraform_data.both
}
resource "terraform_data" "prov" {
  provisioner "local-exec" {
    command = "true"
  }
  connection {}
}
resource "terraform_data" "life" {
  lifecycle {
    create_before_destroy = "perhaps"
    ignore_changes        = [inptu, "*", 1]
    replace_triggered_by  = [var.x, terraform_data.nope, 1]
    prevent_dstroy        = true
  }
  lifecycle {}
}
resource "terraform_data" "cond" {
  lifecycle {
    precondition {
      condition = true
    }
    postcondition {
      condition     = self.inptu == 1
      error_message = "no"
    }
    action_trigger {
      events  = [before_create, sometimes, after_destroy]
      actions = [action.test_reboot.nope, test_reboot.x]
    }
  }
}
resource "terraform_data" "enabled" {
  count = 1
  lifecycle {
    enabled = true
  }
}
data "test_image" "d" {
  name = "x"
  lifecycle {
    prevent_destroy = true
  }
}
resource "terraform_data" "prov_ref" {
  provider = "te st"
}
resource "terraform_data" "alias" {
  provider = terraform.nope
}
variable "x" {}
"#,
    );
}

#[test]
fn variables() {
    rejected(
        "variables",
        r#"
variable "source" {}
variable "1x" {}
variable "quoted" { type = "string" }
variable "type" { type = strng }
variable "default" {
  type    = number
  default = "many"
}
variable "object" {
  type    = object({ a = number, b = optional(list(string), ["x"]) })
  default = { a = [] }
}
variable "null" {
  nullable = false
  default  = null
}
variable "computed" { default = var.null }
variable "sensitive" { sensitive = "yes" }
variable "validated" {
  validation {
    condition     = var.null == 1
    error_message = "no"
  }
  validation {
    condition = var.validated == 1
  }
}
variable "unknown" { defualt = 1 }
variable "nulls" {
  nullable    = null
  description = null
}
variable "quoted_attribute" { type = object({ "a" = string }) }
"#,
    );
}

#[test]
fn outputs() {
    rejected(
        "outputs",
        r#"
output "none" {}
output "ephemeral" {
  value     = 1
  ephemeral = true
}
output "typo" { valeu = 1 }
output "precondition" {
  value = 1
  precondition {
    condition     = 1 == 1
    error_message = "no"
  }
}
"#,
    );
}

#[test]
fn modules() {
    rejected_files(
        "modules",
        &[
            (
                "main.tf",
                r#"
module "m" {
  source = "./mod"
  nede   = 1
}
module "n" {
  source = "./mod"
  count  = 2
  need   = count.index
}
module "o" {
  source   = "./mod"
  count    = 1
  for_each = {}
  need     = 1
  locals {}
}
module "p" { need = 1 }
module "q" {
  source = var.x
  need   = 1
}
output "a" { value = module.m.otu }
output "b" { value = module.n.out }
output "c" { value = module.m[0].out }
output "d" { value = module.n[0].nope }
"#,
            ),
            (
                "mod/main.tf",
                r#"
variable "need" {}
variable "may" { default = 1 }
output "out" { value = var.need }
import {
  to = terraform_data.x
  id = "x"
}
resource "terraform_data" "x" { input = var.ned }
"#,
            ),
        ],
    );
}

#[test]
fn sources_not_known_before_planning() {
    rejected(
        "sources",
        r#"
variable "unset" {}
variable "secret" {
  default   = "./x"
  sensitive = true
}
locals {
  made  = terraform_data.a.id
  again = local.again
}
resource "terraform_data" "a" {}
module "a" { source = var.unset }
module "b" { source = local.made }
module "c" { source = terraform_data.a.id }
module "d" { source = local.again }
module "e" { source = var.nope }
module "f" { source = ["./x"] }
module "g" { source = var.secret }
"#,
    );
}

#[test]
fn passed_providers() {
    rejected_files(
        "passed_providers",
        &[
            (
                "main.tf",
                r#"
provider "test" { alias = "west" }
provider "test" {
  alias    = "all"
  for_each = toset(["a"])
}
provider "test" { for_each = toset(["a"]) }
module "m" { source = "./mod" }
module "n" {
  source    = "./mod"
  providers = {
    test.other = test.wset
    test.extra = test.west
    terraform  = test.west
  }
}
module "o" {
  source    = "./mod"
  providers = {
    test.other = test.west["a"]
    test.other = test.west
    "a b"      = test.west
  }
}
module "p" {
  source = "./own"
  count  = 2
  providers = {
    test = test.all
  }
}
resource "test_server" "a" {
  provider = test.all
  name     = "x"
}
module "q" {
  source    = "./free"
  providers = { terraform = terraform }
}
"#,
            ),
            (
                "free/main.tf",
                r#"
resource "terraform_data" "a" {}
module "inner" {
  source    = "../freed"
  providers = { terraform = terraform }
}
"#,
            ),
            ("freed/main.tf", "resource \"terraform_data\" \"a\" {}\n"),
            (
                "mod/main.tf",
                r#"
terraform {
  required_providers {
    test = {
      source                = "acme/test"
      configuration_aliases = [test.other]
    }
  }
}
"#,
            ),
            ("own/main.tf", "provider \"test\" { token = \"x\" }\n"),
        ],
    );
}

#[test]
fn settings() {
    rejected(
        "settings",
        r#"
terraform {
  required_version = "< 0.1"
  required_providers {
    test  = { source = "acme/test", version = "~> 2.0" }
    other = { source = "hashicorp/aws" }
    third = { source = "a/b/c/d" }
    tset  = ">= 1.0"
    test2 = { source = "acme/test", version = "one", sorce = "x" }
    test3 = {
      source                = "acme/test"
      configuration_aliases = [test.x, test3]
    }
  }
}
loam {
  required_version = ">= 900"
}
terraform {
  required_version = "newest"
  provisioners {}
}
"#,
    );
}

#[test]
fn refactoring() {
    rejected(
        "refactoring",
        r#"
resource "terraform_data" "a" {}
resource "terraform_data" "b" { count = 2 }
moved {
  from = terraform_data.a
  to   = terraform_data.c
}
moved {
  from = terraform_data.x
  to   = module.x
}
moved {
  from = terraform_data.x
  to   = terraform_data.x
}
moved {
  from = data.test_image.x
  to   = data.test_image.y
}
moved {
  from = terraform_data.y
  to   = terraform_data.b[0]
}
moved {
  from = terraform_data.z
  to   = terraform_data.b[0]
}
moved {
  from = terraform_data.y
  to   = terraform_data.w[0]
}
moved {
  from = terraform_data.n + 1
  to   = terraform_data
}
removed { from = terraform_data.a }
removed { from = terraform_data.gone[0] }
removed { from = module.gone["a"] }
removed { from = module.gone["a"].terraform_data.x }
removed { from = data.test_image.x }
removed {
  from = terraform_data.old
  lifecycle { destroy = maybe }
}
import {
  to = module.x
  id = "1"
}
import {
  to = terraform_data.a[each.key]
  id = each.value
}
import { to = terraform_data.a }
moved {
  from = "terraform_data.q"
  to   = terraform_data.r
}
moved {
  from = local.q
  to   = terraform_data.r
}
removed {
  from = terraform_data.s
  lifecycle { destroy = null }
}
import {
  to = "terraform_data.a"
  id = "2"
}
"#,
    );
}

#[test]
fn moves_that_are_right_are_accepted() {
    let report = problems(
        r#"
resource "terraform_data" "a" { for_each = toset(["x"]) }
resource "terraform_data" "b" {}
moved {
  from = terraform_data.a
  to   = terraform_data.a["x"]
}
moved {
  from = terraform_data.old
  to   = terraform_data.b
}
moved {
  from = terraform_data.older
  to   = terraform_data.old
}
"#,
    );
    assert_eq!(report, "");
}

#[test]
fn checks() {
    rejected(
        "checks",
        r#"
check "none" {}
check "two" {
  data "test_image" "x" {
    name  = "x"
    count = 2
    lifecycle {}
  }
  data "test_image" "y" { name = "y" }
  assert {
    condition     = data.test_image.x.nmae == "x"
    error_message = "no"
  }
}
check "taken" {
  data "test_image" "z" { name = "z" }
  assert {
    condition     = data.test_image.x.name == "x"
    error_message = "no"
  }
}
output "o" { value = data.test_image.x.name }
data "test_image" "z" { name = "z" }
"#,
    );
}

#[test]
fn overrides() {
    rejected_files(
        "overrides",
        &[
            (
                "main.tf",
                "resource \"terraform_data\" \"a\" {}\nvariable \"w\" {}\n",
            ),
            (
                "override.tf",
                r#"
variable "w" {
  validation {
    condition     = var.w == 1
    error_message = "Not one."
  }
}
resource "terraform_data" "b" {}
variable "v" {}
locals { l = 1 }
output "o" { value = 1 }
module "m" { source = "./m" }
data "test_image" "i" {}
provider "test" { alias = "x" }
moved {
  from = terraform_data.x
  to   = terraform_data.a
}
resource "terraform_data" "a" { depends_on = [] }
"#,
            ),
        ],
    );
}

#[test]
fn blocks_that_do_not_exist() {
    rejected(
        "blocks",
        r#"
resorce "terraform_data" "a" {}
resource "terraform_data" {}
variable "a" "b" {}
ephemeral "test_token" "x" {}
x = 1
"#,
    );
}
