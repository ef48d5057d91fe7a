resource "terraform_data" "a" {
  input = tomap({ a = "1", b = "2" })
  lifecycle {
    ignore_changes = [input["a"]]
  }
}
