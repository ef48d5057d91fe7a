resource "terraform_data" "b" {
  input = "a"
}
