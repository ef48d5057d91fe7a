resource "terraform_data" "a" {
  input = { x = 3, y = 3 }
  lifecycle { ignore_changes = [input["x"]] }
}
