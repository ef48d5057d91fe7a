resource "terraform_data" "a" {
  count = 2
  input = "a"
}
resource "terraform_data" "b" {
  count = 1
  input = "a"
}
