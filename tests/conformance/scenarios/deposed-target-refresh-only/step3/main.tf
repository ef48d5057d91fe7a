resource "terraform_data" "a" {
  triggers_replace = 2
}
resource "terraform_data" "z" {
  input = 1
}
