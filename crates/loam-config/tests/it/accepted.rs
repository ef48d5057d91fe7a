//! Configurations that are right.

use crate::support::load_files;

#[test]
fn a_small_configuration_loads() {
    let loaded = load_files(&[(
        "main.tf",
        r#"
        variable "n" {
          type    = number
          default = 2
        }
        locals { x = var.n + 1 }
        resource "terraform_data" "a" {
          count = var.n
          input = "v-${count.index}"
        }
        output "o" { value = terraform_data.a[*].output }
        "#,
    )]);
    let root = loaded.root();
    assert_eq!(root.variables.len(), 1);
    assert_eq!(root.resources.len(), 1);
    assert_eq!(loaded.report, "");
}

#[test]
fn json_means_the_same() {
    let loaded = load_files(&[
        (
            "main.tf.json",
            r#"{"variable":{"n":{"default":2}},"resource":{"terraform_data":{"a":{"count":"${var.n}","input":"v-${count.index}"}}},"output":{"o":{"value":"${terraform_data.a[*].output}"}},"locals":{"x":{"y":[1,"${1+1}"]}}}"#,
        ),
        ("b.tf", "output \"x\" { value = local.x }"),
    ]);
    let root = loaded.root();
    assert_eq!(root.outputs.len(), 2);
    assert_eq!(root.locals.len(), 1);
}

#[test]
fn modules_are_followed() {
    let loaded = load_files(&[
        (
            "main.tf",
            r#"
            module "m" {
              source   = "./mod"
              for_each = toset(["a"])
              need     = each.key
            }
            output "o" { value = module.m["a"].id }
            "#,
        ),
        (
            "mod/m.tf",
            r#"
            variable "need" {}
            resource "terraform_data" "x" { input = var.need }
            output "id" { value = terraform_data.x.id }
            "#,
        ),
    ]);
    let _ = loaded.report;
}
