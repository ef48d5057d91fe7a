resource "terraform_data" "a" {
  input = "str"
  lifecycle { ignore_changes = [input["x"]] }
}
