resource "terraform_data" "a" {
  input = {
    a = 2
    b = { c = [3], d = "y" }
  }
  lifecycle {
    ignore_changes = [input["b"], input["a"]]
  }
}
