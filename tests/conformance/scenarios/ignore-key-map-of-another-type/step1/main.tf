resource "terraform_data" "a" {
  input = tomap({ x = 1, y = 1 })
  lifecycle { ignore_changes = [input["x"]] }
}
