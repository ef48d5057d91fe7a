resource "terraform_data" "a" {
  input            = { a = 1, b = [1, 2, 3], c = { d = "x" } }
  triggers_replace = [1, { k = 1 }]
  lifecycle {
    ignore_changes = [triggers_replace[1].k, input.b[1], input["c"].d]
  }
}
