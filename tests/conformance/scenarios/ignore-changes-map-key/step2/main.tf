resource "terraform_data" "a" {
  input = tomap({ a = "3", b = "4", c = "5" })
  lifecycle {
    ignore_changes = [input["a"], input["c"]]
  }
}
