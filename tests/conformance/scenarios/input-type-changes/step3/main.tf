resource "terraform_data" "a" {
  input = null
}
resource "terraform_data" "b" {
  triggers_replace = ["1"]
}
