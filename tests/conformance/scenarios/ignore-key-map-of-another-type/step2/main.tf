resource "terraform_data" "a" {
  input = tomap({ x = 2, y = 2 })
  lifecycle { ignore_changes = [input["x"]] }
}
