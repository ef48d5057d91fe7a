resource "terraform_data" "a" {
  input            = { a = 2, b = [1, 9, 4], c = { d = "y" } }
  triggers_replace = [1, { k = 2 }]
  lifecycle {
    ignore_changes = [triggers_replace[1].k, input.b[1], input["c"].d]
  }
}
