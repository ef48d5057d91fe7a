resource "terraform_data" "a" {
  input            = { a = 2, b = [7], c = { e = "y" } }
  triggers_replace = [2, { k = 5 }]
  lifecycle {
    ignore_changes = [triggers_replace[1].k, input.b[1], input["c"].d]
  }
}
